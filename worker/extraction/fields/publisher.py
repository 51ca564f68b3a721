"""The publication's name, and whether a text is but a name of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from worker.extraction.candidates import Claim
from worker.extraction.html.tree import Tree
from worker.extraction.page_data import State

_SEPARATOR = re.compile(r"\s+[|•·»«–—-]\s+|\s+::\s+|\s*\|\s*")


def claims(tree: Tree, state: State) -> Iterator[Claim[str]]:
    """What each source calls the publication, best first."""
    if name := tree.meta_first("og:site_name"):
        yield Claim("meta", "og:site_name", _short(name))
    for story, name in state.values(lambda s: s.publisher):
        yield Claim(story.source, f"{story.rule}.publisher", _short(name))
    if state.site:
        yield Claim("json-ld", "WebSite.name", _short(state.site))
    name = tree.meta_first("application-name", "apple-mobile-web-app-title", "twitter:app:name:iphone")
    if name and name != tree.title:
        yield Claim("meta", "application-name", name)
    if name := _in_title(tree):
        yield Claim("dom", "title", name)
    if host := host_name(tree.url):
        yield Claim("url", "host", host)


def host_name(url: str) -> str:
    """The host without "www." and a port: "bbc.com"."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def is_site(text: str, tree: Tree, names: tuple[str, ...]) -> bool:
    """Whether a text is the site's name, or what its host is called: "BBC News", "bbc.com", "Spiegel"."""
    name = squeezed(text)
    if len(name) < 2:
        return True
    host = squeezed(host_name(tree.url).rpartition(".")[0])
    known = [k for n in names if len(k := squeezed(n)) > 2]
    if any(name == k or (len(name) > 3 and name in k and len(name) * 2 > len(k)) for k in known):
        return True
    return len(name) > 2 and (name in host or (len(host) > 4 and host in name and len(name) < 2.5 * len(host)))


def _in_title(tree: Tree) -> str | None:
    """The last part of the page's title that resembles its host."""
    parts = _SEPARATOR.split(tree.title or "")
    host = squeezed(host_name(tree.url).rpartition(".")[0])
    return next((p for p in reversed(parts[1:]) if squeezed(p) and (squeezed(p) in host or host in squeezed(p))), None)


def _short(name: str) -> str:
    name = host_name(name) if name.startswith(("http://", "https://")) else name.removeprefix("@")
    return _without_slogan(name)


def _without_slogan(name: str) -> str:
    """Without a slogan: "Israel Nachrichten – Chadashoth Israel", "Nachrichten aus Köln | KStA"."""
    return _SEPARATOR.split(name)[0].strip() if len(name) > 30 else name


@lru_cache(maxsize=16384)
def squeezed(text: str) -> str:
    """Letters and digits alone, in small letters: what two spellings of a name share."""
    return re.sub(r"\W+", "", text.casefold())
