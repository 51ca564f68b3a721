"""The section that a story stands in: from embedded data, meta tags, breadcrumbs, the line over the headline, and the
address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from worker import urls
from worker.extraction.candidates import Claim
from worker.extraction.fields.headline_context import Near, Place, place_of
from worker.extraction.fields.publisher import is_site, squeezed
from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.images.caption_elements import settings
from worker.extraction.page_data import State
from worker.extraction.text import lexicons

_NO_PATH = re.compile(r"\d+|[a-z]{2}|\d{4}.*|.*\d{3,}.*", re.I)
_MAX = 60
_LINKS_AFTER, _LINKS_BEFORE = 40, 12  #: elements around the headline
_SHORT_PATH = 2  #: parts of a section's address


def claims(
    tree: Tree, state: State, near: Near, headline: str | None, names: tuple[str, ...], authors: tuple[str, ...] = ()
) -> Iterator[Claim[str]]:
    """What each source says, best first; no home page, site, author, date or headline among them."""
    people = frozenset(map(squeezed, authors))
    for claim in _raw(tree, state, near):
        value = _tidy(claim.value)
        if value and not _is_no_section(value, headline, claim.source) and squeezed(value) not in people:
            if _is_house(value, tree, names):
                continue
            yield Claim(claim.source, claim.rule, value)


def _is_house(value: str, tree: Tree, names: tuple[str, ...]) -> bool:
    """Whether it is but the site's name. A known section may well be a part of it: "Sports" at sports.paper.example."""
    own = {squeezed(n) for n in (*names, urls.site(tree.url).partition(".")[0])}
    if squeezed(value) in own:
        return True
    return is_site(value, tree, names) and value.casefold() not in lexicons.words("fields", "sections")


def _raw(tree: Tree, state: State, near: Near) -> Iterator[Claim[str]]:
    for story, value in state.values(lambda s: s.section):
        if story.source in ("json-ld", "fusion", "next"):
            yield Claim(story.source, f"{story.rule}.section", value)
    for name in lexicons.load("fields")["section_meta"]:
        if value := tree.meta_first(name):
            yield Claim("meta", name, value)
    if trail := [b for b in state.breadcrumbs if not _is_home(b)]:
        yield Claim("json-ld", "BreadcrumbList", trail[0])
    yield from _over_headline(near)
    yield from _linked(tree, near)
    for story, value in state.values(lambda s: s.section):
        if story.source not in ("json-ld", "fusion", "next"):
            yield Claim(story.source, f"{story.rule}.section", value)
    yield from _in_path(tree.url)


def _over_headline(near: Near) -> Iterator[Claim[str]]:
    """Links and labels with such a name before the h1, the nearest first."""
    for place in near.before:
        if _names_section(place) and _is_small(place.node) and not _is_inner(place.node):
            yield from (Claim("dom", "kicker", part) for part in _labels(place.node))


def _linked(tree: Tree, near: Near) -> Iterator[Claim[str]]:
    """Links by the headline that say that they lead to a category, or lead to an address of their text: "City" and
    /section/city.
    """
    for place in (*near.after[:_LINKS_AFTER], *near.before[:_LINKS_BEFORE]):
        node = place.node
        if node.tag != "a" or not _is_small(node) or not (text := text_of(node)):
            continue
        if "category" in (node.get("rel") or "").split():
            yield Claim("dom", "rel=category", text)
        elif place in near.before and squeezed(text) == squeezed(_last_part(tree.absolute(node.get("href")) or "")):
            yield Claim("dom", "link over the headline", text)


def _last_part(url: str) -> str:
    parts = [p for p in unquote(urlsplit(url).path).split("/") if p]
    return parts[-1] if parts and len(parts) <= _SHORT_PATH else ""


def _names_section(place: Place) -> bool:
    if place.node.get("class") in settings()["kicker_alone"]:
        return True
    return "kicker" in place.said and "no_kicker" not in place.said


def _is_inner(node: Element) -> bool:
    """In another such element: a trail is read from its beginning, not from each of its links."""
    return any(_names_section(place_of(a)) for a in islice(node.iterancestors(), 3))


def _labels(node: Element) -> Iterator[str]:
    """The links in a trail, or the label's own text."""
    links = [text for a in node.iter("a") if (text := text_of(a))]
    if links or len(text_of(node)) > _MAX:
        yield from (t for t in links if not _is_home(t))
    elif text := text_of(node):
        yield text


def _is_small(node: Element) -> bool:
    """A label or a trail, in no furniture; not the wrapper of a story that WordPress names for its category."""
    if (
        node.tag in ("article", "main", "section", "body", "html", "header")
        or sum(1 for _ in islice(node.iter(), 50)) >= 50
    ):
        return False
    around = (a for a in node.iterancestors() if a.tag in ("nav", "footer", "aside"))
    return all("bread" in (a.get("class") or "").lower() for a in around)


def _in_path(url: str) -> Iterator[Claim[str]]:
    try:
        parts = [p for p in unquote(urlsplit(url).path).split("/") if p][:-1]
    except ValueError:
        return
    no_path = lexicons.words("fields", "no_path")
    named = next((p for p in parts if len(p) < 30 and not _NO_PATH.fullmatch(p) and p.lower() not in no_path), None)
    if named:
        yield Claim("url", "path", named.replace("-", " ").replace("_", " ").capitalize())


def _is_home(name: str) -> bool:
    return name.casefold() in lexicons.words("fields", "home")


def _tidy(value: str) -> str:
    value = re.split(r"\s*[>»/|,]\s*", value.strip(" >»/|•·-–:"))[0].strip()
    return value if len(value) <= _MAX else ""


def _is_no_section(value: str, headline: str | None, source: str) -> bool:
    if _is_home(value) or len(value) < 2 or not re.search(r"[^\W\d_]", value) or value.casefold() in _no_section():
        return True
    if squeezed(value) in squeezed(headline or "") and len(value) > 25:
        return True
    printed = source in ("dom", "url")
    return printed and (len(value) > 40 or len(value.split()) > 5 or re.search(r"[\d@]|https?:", value) is not None)


def _no_section() -> frozenset[str]:
    return lexicons.words("fields", "no_section")
