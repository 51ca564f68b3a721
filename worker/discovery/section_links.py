"""A page as a tree whose links are looked at. (What stands in a page is the reader's business, not ours.)

The links of a section page (or a home page) that look like articles, for sites without a feed.

Each link is weighed by its address, its text and where it stands; links whose addresses have one shape are weighed
together; and what the site's addresses of that shape turned out to be counts most (`links.Learned`).
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from lxml import etree, html

from worker import urls
from worker.discovery.discovered_link import DiscoveredLink, absolute_url, plain_text
from worker.discovery.link_shapes import ShapeStatistics, has_date, is_dull, names_one, shape
from worker.errors import Unreadable


def parse_html(body: bytes, url: str, content_type: str = "") -> html.HtmlElement:
    """`Unreadable` for what is no HTML."""
    try:
        parser = html.HTMLParser(encoding=_charset(body, content_type), no_network=True)
        return html.document_fromstring(body, parser=parser)
    except (etree.ParserError, ValueError) as e:
        raise Unreadable(f"{url} is no page with links: {e}") from None


def _charset(body: bytes, content_type: str) -> str | None:
    """By the header; else UTF-8 if it can be that; None lets the parser look into the page."""
    named = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    with contextlib.suppress(LookupError):
        if named:
            return codecs.lookup(named[1]).name
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def base_of(root: html.HtmlElement, url: str) -> str:
    """What relative links start from."""
    element = root.find(".//base[@href]")
    return (absolute_url(url, element.get("href")) if element is not None else None) or url


ENOUGH = 2.0  # weight from which a link counts as an article
HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
FURNITURE = frozenset(("nav", "footer", "form"))
FURNITURE_NAME = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|social|share|cookie|consent|masthead)(?:$|[-_ ])"
)
WIDE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts of few blanks between words


@dataclass(slots=True)
class _Link:
    """All links of a page to one address."""

    url: str
    title: str = ""
    is_heading: bool = False
    is_furniture: bool = True  #: each of them stands in navigation or the like

    def weight(self) -> float:
        """By itself, without what is known of its shape."""
        weight = -1.0 if self.is_furniture else 1.0
        weight += 1.5 if _is_headline(self.title) else -1.0
        weight += 1.0 if self.is_heading else 0.0
        weight += 2.0 if names_one(self.url) else -1.0
        weight += 2.5 if has_date(self.url) else 0.0
        return weight - 4.0 if is_dull(self.url) else weight


def find_articles(
    body: bytes, url: str, content_type: str = "", learned: ShapeStatistics | None = None
) -> tuple[DiscoveredLink, ...]:
    """In the page's order, each address once, with the link's text as title. Only links to the page's own site
    (registrable domain) count. `Unreadable` for what is no HTML."""
    links = _links(body, url, content_type)
    weights = {link.url: link.weight() for link in links}
    alike: dict[str, list[float]] = defaultdict(list)
    for link in links:
        alike[shape(link.url)].append(weights[link.url])
    learned = learned or ShapeStatistics()
    return tuple(
        DiscoveredLink(url=link.url, title=plain_text(link.title))
        for link in links
        if _together(weights[link.url], alike[shape(link.url)]) + 1.5 * learned.odds(link.url) >= ENOUGH
    )


def _together(own: float, alike: list[float]) -> float:
    """A link's weight, drawn towards that of the links of its shape where there are several."""
    return (own + fmean(alike)) / 2 if len(alike) >= 3 else own


def _is_headline(title: str) -> bool:
    return len(title.split()) >= 4 or len(WIDE.findall(title)) >= 8


def _links(body: bytes, url: str, content_type: str) -> list[_Link]:
    root = parse_html(body, url, content_type)
    base, here, site = base_of(root, url), urls.canonicalize(url), urls.site(url)
    links: dict[str, _Link] = {}
    for element in root.iter("a"):
        address = absolute_url(base, element.get("href"))
        if address is None or urls.site(address) != site or urls.is_home(address):
            continue
        key = urls.canonicalize(address)
        if key != here:
            _merge(links.setdefault(key, _Link(key)), element)
    return list(links.values())


def _merge(link: _Link, element: html.HtmlElement) -> None:
    title = " ".join(str(element.text_content()).split())
    if len(title) > len(link.title) and len(title) < 300:
        link.title = title
    names = set(_around(element))
    link.is_heading |= not HEADINGS.isdisjoint(names) or any(e.tag in HEADINGS for e in element.iterdescendants())
    link.is_furniture &= not FURNITURE.isdisjoint(names) or any(FURNITURE_NAME.search(n) for n in names)


def _around(element: html.HtmlElement) -> Iterator[str]:
    """Tags, classes and ids of what an element stands in."""
    for outer in element.iterancestors():
        if outer.tag in ("body", "html"):
            return
        yield str(outer.tag)
        for name in (outer.get("class"), outer.get("id")):
            if name and len(name) < 200:
                yield name.lower()
