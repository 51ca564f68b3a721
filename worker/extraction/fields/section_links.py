"""Sections by the links of a page, whatever its elements are called: trails, labels over the headline, the navigation.

<div><a href="/">Home</a> / <a href="/world">World</a></div>    a trail begins with the home page
<span>World</span><h1>                                           a label that the navigation or the table knows
<a href="/c/7">Economía</a><h1>                                  a label that links to a short path
<p>Filed under: <a href="/c/7">World</a></p>                     a label with a word for sections
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote, urlsplit

from worker.extraction import word_tables
from worker.extraction.candidates import Candidate
from worker.extraction.fields.headline_context import HeadlineContext
from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import INVISIBLE, Element, Tree, is_longer, is_parsable_url, text_of
from worker.extraction.page_wording import fold_accents
from worker.extraction.text import text_size
from worker.extraction.text.normalize import name_key

_LINKS = 300  #: links of a page that are examined
_NAME = 40  #: characters of a section's name
_SLUG = 30  #: characters of a section's slug
_NOT_A_SLUG = re.compile(r"\d+|[a-z]{2}|\d{4}.*|.*\d{3,}.*", re.I)
_NAME_WORDS = 5
_PATH_PARTS = 2  #: parts of a section's path, at most
_EDGES = " .>»›—–-|•·:"
_HEADER_LEVELS = 4  #: elements around the heading that may be its header
_HEADER_LINKS = 3  #: links before the heading in its header, at most
_HEADER_CHARS = 90  #: characters before the heading in its header, at most
_ABOVE = 14  #: elements before the headline that may be its label
_BELOW = 40  #: elements after the headline that may be labelled with a word for sections
_TRAIL_LINKS = 6  #: links in a trail, at most
_TRAIL_CHARS = 200  #: characters of a trail, at most
_PERSONAL = re.compile(
    r"/(?:@|autor|auteur|author|by/|people|person|profil|redaktion|staff|tags?/|team|user|writer)", re.I
)
_IS_TRAIL = re.compile(r"breadcrumb|you are here|brotkr|fil d.ariane|migas", re.I)
_CURRENT = frozenset({"active", "current", "current-menu-item", "is-active", "selected"})
_TRAIL_LEVELS = 4  #: elements around the link to the home page that may be its trail
_SEPARATORS = frozenset(["/", ">", "»", "›", "|", "→", "·", "–", "-", ":", "\\"])
_SITE_PARTS = ("nav", "footer", "aside")


def names_by_slug(tree: Tree) -> Mapping[str, str]:
    """Return the names that links print for the last parts of their paths: {"us-news": "U.S. News"}."""
    return tree.cached(_names_by_slug)


def printed_name(slug: str, tree: Tree) -> str:
    """Return the name that a link prints for a slug, if it has the same letters: "U.S. News" for "us-news"."""
    name = names_by_slug(tree).get(slug.casefold(), slug)
    return name if _key(name) == _key(slug) else slug


def _names_by_slug(tree: Tree) -> dict[str, str]:
    found: dict[str, str] = {}
    host = _host(tree.url)
    for link in islice(tree.root.iter("a"), _LINKS):
        path = _own_path(link, host)
        parts = [p for p in (path or "").split("/") if p]
        if not 0 < len(parts) <= _PATH_PARTS:
            continue
        slug, text = unquote(parts[-1]).casefold(), text_of(link).strip(_EDGES)
        if not _is_name(text) or not _resembles(text, slug):
            continue
        if slug not in found or _key(text) == _key(slug):
            found[slug] = slug.capitalize() if text.casefold() == slug and text.isupper() else text
    return found


def _resembles(name: str, slug: str) -> bool:
    """Return True if a name may belong to a slug: it begins with it, or the name is not in Latin letters."""
    own, other = _key(name), _key(slug)
    if not own.isascii() and other.isascii():
        return True
    return own.startswith(other) or (own in other and len(own) * 2 >= len(other))


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return name_key(fold_accents(text))


def _host(url: str) -> str:
    return urlsplit(url).netloc if is_parsable_url(url) else ""


def _own_path(link: Element, host: str) -> str | None:
    """Return the path of a link within the site without a query, or None. Does less than `urlsplit`, for many links."""
    href = (link.get("href") or "").strip()
    if href.startswith(("http://", "https://", "//")):
        _, _, rest = href.partition("//")
        if not rest.startswith(host):
            return None
        href = rest[len(host) :] or "/"
    return None if not href.startswith("/") or "?" in href else href.partition("#")[0]


def path_slugs(url: str) -> Iterator[str]:
    """Yield the parts of a URL's path that may be a section's, the general one first."""
    excluded = word_tables.words("fields", "no_path")
    path = unquote(urlsplit(url).path) if is_parsable_url(url) else ""
    for part in [p for p in path.split("/") if p][:-1]:
        if len(part) < _SLUG and not _NOT_A_SLUG.fullmatch(part) and part.lower() not in excluded:
            yield part


def path_names(tree: Tree) -> Iterator[Candidate[str]]:
    """Yield the name that the navigation prints for the section in the URL's path."""
    slug = next(path_slugs(tree.url), None)
    if slug and (name := names_by_slug(tree).get(slug.casefold())):
        yield Candidate("url", "path, by the navigation", name)


def trails(tree: Tree) -> Iterator[Candidate[str]]:
    """Yield the names in the last trail before the headline: its first link leads to the home page."""
    heading = find_heading(tree)
    if heading is None:
        return
    host = _host(tree.url)
    header = _header_of(heading)
    nodes = tree.nodes[: tree.nodes.index(heading)]
    for link in reversed([n for n in nodes if n.tag == "a" and _own_path(n, host) == "/"]):
        for around in islice(link.iterancestors(), _TRAIL_LEVELS):
            if is_longer(around, _TRAIL_CHARS):
                break
            links = list(islice(around.iter("a"), _TRAIL_LINKS + 1))
            if len(links) == 1:
                continue
            if len(links) > _TRAIL_LINKS or links[0] is not link or not _is_outside_navigation(around):
                break
            if any(a is header for a in around.iterancestors()) or _is_trail(around, links):
                yield from _names_of(links[1:], host)
                return


def _is_trail(around: Element, links: list[Element]) -> bool:
    """Return True if an element is named for trails, or signs separate its links: "Home / World"."""
    names = f"{around.get('class') or ''} {around.get('aria-label') or ''} {around.get('itemtype') or ''}"
    return _IS_TRAIL.search(names) is not None or all((a.tail or "").strip() in _SEPARATORS for a in links[:-1])


def _names_of(links: list[Element], host: str) -> Iterator[Candidate[str]]:
    for link in links:
        if is_section_path(_own_path(link, host)) and _is_name(text := text_of(link)):
            yield Candidate("dom", "trail", text)


def labels(tree: Tree, nearby: HeadlineContext) -> Iterator[Candidate[str]]:
    """Yield the label right above the headline, and the link after a word for sections below it."""
    heading = find_heading(tree)
    if heading is not None:
        yield from _label_above(tree, nearby, heading)
    openers = word_tables.words("fields", "section_openers")
    for node, _ in nearby.after[:_BELOW]:
        if node.tag == "a" and (before := _text_before(node)) and before.strip(" :：·|-–").casefold() in openers:
            yield Candidate("dom", "labelled link", text_of(node))


def _label_above(tree: Tree, nearby: HeadlineContext, heading: Element) -> Iterator[Candidate[str]]:
    """Yield the label between the beginning of the heading's own header and the heading."""
    host = _host(tree.url)
    header = _header_of(heading)
    for node, _ in nearby.before[:_ABOVE]:
        if header not in (node.getparent(), *islice(node.iterancestors(), _HEADER_LEVELS + 1)):
            return
        text = text_of(node) if not is_longer(node, _NAME) else ""
        if not _is_name(text) or not _is_outside_navigation(node):
            continue
        links = list(islice(node.iter("a"), 2))
        is_linked = len(links) == 1 and is_section_path(_own_path(links[0], host))
        if is_linked or text.casefold() in word_tables.words("fields", "sections"):
            yield Candidate("dom", "label over the headline", text)


def _header_of(heading: Element) -> Element | None:
    """Return the largest of the elements around a heading that has only a few words and links before it."""
    header = None
    for around in islice(heading.iterancestors(), _HEADER_LEVELS):
        chars = links = 0
        for node in around.iter():
            if node is heading:
                break
            links += node.tag == "a"
            chars += len((node.text or "").strip()) if isinstance(node.tag, str) and node.tag not in INVISIBLE else 0
            if links > _HEADER_LINKS or chars > _HEADER_CHARS:
                return header
        header = around
    return header


def active_links(tree: Tree) -> Iterator[Candidate[str]]:
    """Yield the links of the navigation that are marked as current."""
    host = _host(tree.url)
    for link in islice(tree.root.iter("a"), _LINKS):
        if not _is_current(link) or not any(a.tag == "nav" for a in link.iterancestors()):
            continue
        if _own_path(link, host) and (text := text_of(link)).casefold() in word_tables.words("fields", "sections"):
            yield Candidate("dom", "current link", text)


def _is_current(link: Element) -> bool:
    parent = link.getparent()
    classes = (link.get("class") or "").split()
    classes += (parent.get("class") or "").split() if parent is not None else []
    return link.get("aria-current") is not None or not _CURRENT.isdisjoint(classes)


def _is_name(text: str) -> bool:
    return 1 < len(text) <= _NAME and text_size.words(text) <= _NAME_WORDS and not re.search(r"[\d@]", text)


def is_section_path(path: str | None) -> bool:
    """Return True if a path within the site may be a section's: short, and not a person's or a tag's."""
    parts = [p for p in (path or "").split("/") if p]
    return path is not None and 0 < len(parts) <= _PATH_PARTS and not _PERSONAL.search(path)


def _is_outside_navigation(node: Element) -> bool:
    """Return True if an element is not in the site's navigation. A trail may be in a <nav> of its own."""
    around = [a for a in (node, *node.iterancestors()) if a.tag in _SITE_PARTS]
    return all(_IS_TRAIL.search(f"{a.get('aria-label') or ''} {a.get('class') or ''}") for a in around)


def _text_before(link: Element) -> str:
    """Return the text right before a link, in its own element or in the element before it."""
    previous, parent = link.getprevious(), link.getparent()
    if previous is None:
        return (parent.text or "") if parent is not None else ""
    if tail := (previous.tail or "").strip():
        return tail
    return "" if is_longer(previous, _NAME) else text_of(previous)
