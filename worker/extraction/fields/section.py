"""Candidates for the section: embedded data, meta tags, breadcrumbs, the line above the headline, and the URL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from worker import urls
from worker.extraction import word_tables
from worker.extraction.candidates import Candidate
from worker.extraction.fields import section_links
from worker.extraction.fields.headline_context import HeadlineContext, NamedElement, named_element
from worker.extraction.fields.publisher import host_name, is_site
from worker.extraction.fields.section_links import path_slugs
from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.images.element_roles import markup_table
from worker.extraction.page_data import PageData
from worker.extraction.text.normalize import name_key

_BYLINE = re.compile(
    r"(?:By|BY|by|Von|VON|von|Par|PAR|par|Por|POR|por|Di|DI|di|Av|AV|av|Af|AF|af|Door|door)\s[^\W\d_a-z]"
)
_MAX_CHARS = 60
_TRAIL = 5  #: names of a trail of breadcrumbs that are read
_TRAIL_SEPARATOR = re.compile(r"\s*[>»/|,;]\s*")
_BODY_CLASS = re.compile(r"(?:section|category|channel|rubrik|ressort|seccion|rubrique)-([^\W\d][\w-]{2,24})", re.I)
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
    is_found = False
    for read in (_named_sources, _link_sources, _last_sources):
        if is_found and read is _link_sources:
            continue  # links are examined only if nothing names the section
        for candidate in read(tree, data, nearby):
            for value in _parts(candidate.value):
                if _is_not_a_section(value, headline, candidate.source) or name_key(value) in people:
                    continue
                if not _is_publisher(value, tree, names):
                    is_found = True
                    yield Candidate(candidate.source, candidate.rule, _printed_name(value, tree))


def _printed_name(value: str, tree: Tree) -> str:
    """Return the name that the page's navigation prints for a slug: "U.S. News" for "us-news"."""
    if " " in value or not value.islower():
        return value
    return section_links.printed_name(value, tree)


def _is_publisher(value: str, tree: Tree, names: tuple[str, ...]) -> bool:
    """Return True if the text is only the site's name.

    A known section may be part of that name: "Sports" at sports.paper.example.
    """
    own = {name_key(n) for n in (*names, urls.site(tree.url).partition(".")[0])}
    if name_key(value) in own:
        return True
    return is_site(value, tree, names) and value.casefold() not in word_tables.words("fields", "sections")


def _named_sources(tree: Tree, data: PageData, nearby: HeadlineContext) -> Iterator[Candidate[str]]:
    for article, value in data.values(lambda s: s.section):
        if article.source in ("json-ld", "fusion", "next"):
            yield Candidate(article.source, f"{article.rule}.section", value)
    for name in word_tables.load("fields")["section_meta"]:
        if value := tree.meta_first(name):
            yield Candidate("meta", name, value)
    yield from (Candidate("json-ld", "BreadcrumbList", name) for name in data.breadcrumbs[:_TRAIL])
    yield from _over_headline(nearby)
    yield from _linked(tree, nearby)


def _link_sources(tree: Tree, data: PageData, nearby: HeadlineContext) -> Iterator[Candidate[str]]:
    """Yield what the page's links say, whatever its elements are called."""
    yield from section_links.trails(tree)
    yield from section_links.labels(tree, nearby)
    yield from _other_data(data)
    yield from section_links.path_names(tree)
    yield from section_links.active_links(tree)


def _last_sources(tree: Tree, data: PageData, _: HeadlineContext) -> Iterator[Candidate[str]]:
    yield from _other_data(data)
    yield from _in_path(tree.url)
    yield from _in_body_class(tree)
    yield from _in_host(tree.url)


def _other_data(data: PageData) -> Iterator[Candidate[str]]:
    for article, value in data.values(lambda s: s.section):
        if article.source not in ("json-ld", "fusion", "next"):
            yield Candidate(article.source, f"{article.rule}.section", value)


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
    path = urlsplit(url or "").path
    return section_links.is_section_path(path) and name_key(text) == name_key(_last_part(url or ""))


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
    if slug := next(path_slugs(url), None):
        yield Candidate("url", "path", slug.replace("-", " ").replace("_", " ").capitalize())


def _in_body_class(tree: Tree) -> Iterator[Candidate[str]]:
    """Yield the section in a class of <body>: "section-world"."""
    body = next(tree.root.iter("body"), None)
    for name in (body.get("class") or "").split() if body is not None else ():
        match = _BODY_CLASS.fullmatch(name)
        if match and match[1].casefold() in word_tables.words("fields", "sections"):
            yield Candidate("dom", "body class", match[1].capitalize())


def _in_host(url: str) -> Iterator[Candidate[str]]:
    """Yield the section in the host's name: sport.paper.example."""
    first, _, rest = host_name(url).partition(".")
    if rest.count(".") and first in word_tables.words("fields", "sections"):
        yield Candidate("url", "host", first.capitalize())


def _is_home(name: str) -> bool:
    return name.casefold() in word_tables.words("fields", "home")


def _parts(value: str) -> list[str]:
    """Return the names in a trail or a path, the general ones last: "/news/world" has "world" and "news"."""
    is_path = value.startswith(("/", "http://", "https://"))
    trail = unquote(urlsplit(value).path) if is_path else value
    parts = [p for part in _TRAIL_SEPARATOR.split(trail.strip(" >»/|•·-–:")) if (p := part.strip())]
    if is_path:
        parts.sort(key=lambda p: p.lower() in word_tables.words("fields", "no_path"))
    return [p for p in parts if len(p) <= _MAX_CHARS]


def _is_not_a_section(value: str, headline: str | None, source: str) -> bool:
    if _is_home(value) or len(value) < 2 or not re.search(r"[^\W\d_]", value) or value.casefold() in _not_sections():
        return True
    key, title = name_key(value), name_key(headline or "")
    if key == title or (key in title and len(value) > 25) or (len(title) > 25 and title in key):
        return True
    if _BYLINE.match(value):
        return True
    printed = source in ("dom", "url")
    return printed and (len(value) > 40 or len(value.split()) > 5 or re.search(r"[\d@]|https?:", value) is not None)


def _not_sections() -> frozenset[str]:
    return word_tables.words("fields", "no_section")
