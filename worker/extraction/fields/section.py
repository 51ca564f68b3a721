"""Candidates for the section: embedded data, meta tags, breadcrumbs, the line above the headline, and the URL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from worker import urls
from worker.extraction import word_tables
from worker.extraction.candidates import Candidate
from worker.extraction.fields.headline_context import HeadlineContext, NamedElement, named_element
from worker.extraction.fields.publisher import is_site
from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.images.caption_elements import markup_table
from worker.extraction.page_data import PageData
from worker.extraction.text.normalize import name_key

_NOT_A_SECTION = re.compile(r"\d+|[a-z]{2}|\d{4}.*|.*\d{3,}.*", re.I)
_MAX_CHARS = 60
_LINKS_AFTER, _LINKS_BEFORE = 40, 12  #: elements around the headline
_MAX_PATH_PARTS = 2  #: parts of a section URL's path, at most


def candidates(
    tree: Tree,
    data: PageData,
    nearby: HeadlineContext,
    headline: str | None,
    names: tuple[str, ...],
    authors: tuple[str, ...] = (),
) -> Iterator[Candidate[str]]:
    """Yield the candidates, best first, without home page, site, author, date and headline."""
    people = frozenset(map(name_key, authors))
    for candidate in _all_candidates(tree, data, nearby):
        value = _tidy(candidate.value)
        if value and not _is_not_a_section(value, headline, candidate.source) and name_key(value) not in people:
            if _is_publisher(value, tree, names):
                continue
            yield Candidate(candidate.source, candidate.rule, value)


def _is_publisher(value: str, tree: Tree, names: tuple[str, ...]) -> bool:
    """Return True if the text is only the site's name.

    A known section may be part of that name: "Sports" at sports.paper.example.
    """
    own = {name_key(n) for n in (*names, urls.site(tree.url).partition(".")[0])}
    if name_key(value) in own:
        return True
    return is_site(value, tree, names) and value.casefold() not in word_tables.words("fields", "sections")


def _all_candidates(tree: Tree, data: PageData, nearby: HeadlineContext) -> Iterator[Candidate[str]]:
    for article, value in data.values(lambda s: s.section):
        if article.source in ("json-ld", "fusion", "next"):
            yield Candidate(article.source, f"{article.rule}.section", value)
    for name in word_tables.load("fields")["section_meta"]:
        if value := tree.meta_first(name):
            yield Candidate("meta", name, value)
    if trail := [b for b in data.breadcrumbs if not _is_home(b)]:
        yield Candidate("json-ld", "BreadcrumbList", trail[0])
    yield from _over_headline(nearby)
    yield from _linked(tree, nearby)
    for article, value in data.values(lambda s: s.section):
        if article.source not in ("json-ld", "fusion", "next"):
            yield Candidate(article.source, f"{article.rule}.section", value)
    yield from _in_path(tree.url)


def _over_headline(nearby: HeadlineContext) -> Iterator[Candidate[str]]:
    """Yield the links and labels before the heading that are named for sections, the nearest first."""
    for element in nearby.before:
        if _names_section(element) and _is_small(element.node) and not _is_inner(element.node):
            yield from (Candidate("dom", "kicker", part) for part in _labels(element.node))


def _linked(tree: Tree, nearby: HeadlineContext) -> Iterator[Candidate[str]]:
    """Yield links near the headline that lead to a section.

    They have rel=category, or a URL that ends in their text: "City" and /section/city.
    """
    for element in (*nearby.after[:_LINKS_AFTER], *nearby.before[:_LINKS_BEFORE]):
        node = element.node
        if node.tag != "a" or not _is_small(node) or not (text := text_of(node)):
            continue
        if "category" in (node.get("rel") or "").split():
            yield Candidate("dom", "rel=category", text)
        elif element in nearby.before and _is_link_to_section(text, tree.absolute(node.get("href"))):
            yield Candidate("dom", "link over the headline", text)


def _is_link_to_section(text: str, url: str | None) -> bool:
    return name_key(text) == name_key(_last_part(url or ""))


def _last_part(url: str) -> str:
    parts = [p for p in unquote(urlsplit(url).path).split("/") if p]
    return parts[-1] if parts and len(parts) <= _MAX_PATH_PARTS else ""


def _names_section(element: NamedElement) -> bool:
    if element.node.get("class") in markup_table()["kicker_alone"]:
        return True
    return "kicker" in element.roles and "no_kicker" not in element.roles


def _is_inner(node: Element) -> bool:
    """Return True if an element is inside another one named for sections. A trail is read from its beginning."""
    return any(_names_section(named_element(a)) for a in islice(node.iterancestors(), 3))


def _labels(node: Element) -> Iterator[str]:
    """Yield the links in a trail, or the label's own text."""
    links = [text for a in node.iter("a") if (text := text_of(a))]
    if links or len(text_of(node)) > _MAX_CHARS:
        yield from (t for t in links if not _is_home(t))
    elif text := text_of(node):
        yield text


def _is_small(node: Element) -> bool:
    """Return True if an element is a label or a trail outside of boilerplate.

    WordPress names the wrapper of an article for its category; wrappers do not count.
    """
    if (
        node.tag in ("article", "main", "section", "body", "html", "header")
        or sum(1 for _ in islice(node.iter(), 50)) >= 50
    ):
        return False
    around = (a for a in node.iterancestors() if a.tag in ("nav", "footer", "aside"))
    return all("bread" in (a.get("class") or "").lower() for a in around)


def _in_path(url: str) -> Iterator[Candidate[str]]:
    try:
        parts = [p for p in unquote(urlsplit(url).path).split("/") if p][:-1]
    except ValueError:
        return
    excluded = word_tables.words("fields", "no_path")
    named = next(
        (p for p in parts if len(p) < 30 and not _NOT_A_SECTION.fullmatch(p) and p.lower() not in excluded), None
    )
    if named:
        yield Candidate("url", "path", named.replace("-", " ").replace("_", " ").capitalize())


def _is_home(name: str) -> bool:
    return name.casefold() in word_tables.words("fields", "home")


def _tidy(value: str) -> str:
    value = re.split(r"\s*[>»/|,]\s*", value.strip(" >»/|•·-–:"))[0].strip()
    return value if len(value) <= _MAX_CHARS else ""


def _is_not_a_section(value: str, headline: str | None, source: str) -> bool:
    if _is_home(value) or len(value) < 2 or not re.search(r"[^\W\d_]", value) or value.casefold() in _not_sections():
        return True
    if name_key(value) in name_key(headline or "") and len(value) > 25:
        return True
    printed = source in ("dom", "url")
    return printed and (len(value) > 40 or len(value.split()) > 5 or re.search(r"[\d@]|https?:", value) is not None)


def _not_sections() -> frozenset[str]:
    return word_tables.words("fields", "no_section")
