"""The publication's name, and a predicate for texts that are a name of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from worker.extraction.candidates import Candidate
from worker.extraction.html.tree import Tree
from worker.extraction.page_data import PageData
from worker.extraction.text.normalize import name_key

_LONGER = 4  #: times the length of the host that the name of its site has, at most
_SEPARATOR = re.compile(r"\s+[|•·»«–—-]\s+|\s+::\s+|\s*\|\s*")


def candidates(tree: Tree, data: PageData) -> Iterator[Candidate[str]]:
    """Yield the candidates for the publication's name, best first."""
    name = tree.meta_first("og:site_name")
    if name and name != tree.meta_first("og:title"):
        yield Candidate("meta", "og:site_name", _clean_name(name))
    for article, name in data.values(lambda s: s.publisher):
        yield Candidate(article.source, f"{article.rule}.publisher", _clean_name(name))
    if data.site:
        yield Candidate("json-ld", "WebSite.name", _clean_name(data.site))
    name = tree.meta_first("application-name", "apple-mobile-web-app-title", "twitter:app:name:iphone")
    if name and name != tree.title:
        yield Candidate("meta", "application-name", name)
    if name := _in_title(tree):
        yield Candidate("dom", "title", name)
    if host := host_name(tree.url):
        yield Candidate("url", "host", host)


def host_name(url: str) -> str:
    """Return the host of a URL without "www." and port: "bbc.com"."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def is_site(text: str, tree: Tree, names: tuple[str, ...]) -> bool:
    """Return True if a text is the site's name or its host's: "BBC News", "bbc.com", "Spiegel"."""
    name = name_key(text)
    if len(name) < 2:
        return True
    host = name_key(host_name(tree.url).rpartition(".")[0])
    known = [k for n in names if len(k := name_key(n)) > 2]
    if any(name == k or (len(name) > 3 and name in k and len(name) * 2 > len(k)) for k in known):
        return True
    return len(name) > 2 and (name in host or (len(host) > 4 and host in name and len(name) < 2.5 * len(host)))


def is_name(text: str, tree: Tree, names: tuple[str, ...]) -> bool:
    """Return True if a text is one of the site's names, or its host, and nothing else."""
    key = name_key(text)
    return len(key) > 1 and key in {name_key(n) for n in (*names, host_name(tree.url))}


def _in_title(tree: Tree) -> str | None:
    """Return the last part of the page's title that resembles its host."""
    parts = _SEPARATOR.split(tree.title or "")
    host = name_key(host_name(tree.url).rpartition(".")[0])
    keys = ((part, name_key(part)) for part in reversed(parts[1:]))
    return next(
        (p for p, key in keys if key and (key in host or (host in key and len(key) < _LONGER * len(host)))), None
    )


def _clean_name(name: str) -> str:
    name = host_name(name) if name.startswith(("http://", "https://")) else name.removeprefix("@")
    return _without_slogan(name)


def _without_slogan(name: str) -> str:
    """Return the name without a slogan: "Israel Nachrichten – Chadashoth Israel", "Nachrichten aus Köln | KStA"."""
    return _SEPARATOR.split(name)[0].strip() if len(name) > 30 else name
