"""The links of a section page or home page that look like articles, for sites without a feed.

Each link gets a score from its URL, its text and its position in the page. Links whose URLs have one shape share their
scores. The strongest evidence is how often URLs of that shape were articles before (`ShapeStatistics`).
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
from worker.discovery.link_shapes import ShapeStatistics, has_date, has_slug_or_number, is_non_article, shape
from worker.errors import Unreadable


def parse_html(body: bytes, url: str, content_type: str = "") -> html.HtmlElement:
    """Return the parsed page. Raise `Unreadable` if the body is not HTML."""
    try:
        parser = html.HTMLParser(encoding=_charset(body, content_type), no_network=True)
        return html.document_fromstring(body, parser=parser)
    except (etree.ParserError, ValueError) as e:
        raise Unreadable(f"{url} is not an HTML page: {e}") from None


def _charset(body: bytes, content_type: str) -> str | None:
    """Return the charset of the header, else UTF-8 if the body is valid UTF-8, else None: the parser detects it."""
    declared = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    with contextlib.suppress(LookupError):
        if declared:
            return codecs.lookup(declared[1]).name
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def base_url(root: html.HtmlElement, url: str) -> str:
    """Return the base of a page's relative links."""
    element = root.find(".//base[@href]")
    return (absolute_url(url, element.get("href")) if element is not None else None) or url


MIN_ARTICLE_SCORE = 2.0
HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
NAVIGATION = frozenset(("nav", "footer", "form"))
NAVIGATION_NAME = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|social|share|cookie|consent|masthead)(?:$|[-_ ])"
)
UNSPACED = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)  # scripts with few spaces between words


@dataclass(slots=True)
class _Link:
    """All links on a page that have the same URL."""

    url: str
    title: str = ""
    in_heading: bool = False
    in_navigation: bool = True  #: True if all links with this URL are in navigation, a footer or a form

    def score(self) -> float:
        """Return the score of the link alone, without that of its shape."""
        score = -1.0 if self.in_navigation else 1.0
        score += 1.5 if _is_headline(self.title) else -1.0
        score += 1.0 if self.in_heading else 0.0
        score += 2.0 if has_slug_or_number(self.url) else -1.0
        score += 2.5 if has_date(self.url) else 0.0
        return score - 4.0 if is_non_article(self.url) else score


def find_articles(
    body: bytes, url: str, content_type: str = "", statistics: ShapeStatistics | None = None
) -> tuple[DiscoveredLink, ...]:
    """Return the links that look like articles, in the page's order, each URL once, with the link's text as title.

    Links to other sites (registrable domains) are left out. Raise `Unreadable` if the body is not HTML.
    """
    links = _links(body, url, content_type)
    scores = {link.url: link.score() for link in links}
    scores_by_shape: dict[str, list[float]] = defaultdict(list)
    for link in links:
        scores_by_shape[shape(link.url)].append(scores[link.url])
    statistics = statistics or ShapeStatistics()
    return tuple(
        DiscoveredLink(url=link.url, title=plain_text(link.title))
        for link in links
        if _shared_score(scores[link.url], scores_by_shape[shape(link.url)]) + 1.5 * statistics.log_odds(link.url)
        >= MIN_ARTICLE_SCORE
    )


def _shared_score(own: float, of_shape: list[float]) -> float:
    """Return the mean of a link's score and that of its shape, if at least three links have the shape."""
    return (own + fmean(of_shape)) / 2 if len(of_shape) >= 3 else own


def _is_headline(title: str) -> bool:
    return len(title.split()) >= 4 or len(UNSPACED.findall(title)) >= 8


def _links(body: bytes, url: str, content_type: str) -> list[_Link]:
    root = parse_html(body, url, content_type)
    base, here, site = base_url(root, url), urls.canonicalize(url), urls.site(url)
    links: dict[str, _Link] = {}
    for element in root.iter("a"):
        target = absolute_url(base, element.get("href"))
        if target is None or urls.site(target) != site or urls.is_home(target):
            continue
        key = urls.canonicalize(target)
        if key != here:
            _merge(links.setdefault(key, _Link(key)), element)
    return list(links.values())


def _merge(link: _Link, element: html.HtmlElement) -> None:
    title = " ".join(str(element.text_content()).split())
    if len(title) > len(link.title) and len(title) < 300:
        link.title = title
    names = set(_ancestor_names(element))
    link.in_heading |= not HEADINGS.isdisjoint(names) or any(e.tag in HEADINGS for e in element.iterdescendants())
    link.in_navigation &= not NAVIGATION.isdisjoint(names) or any(NAVIGATION_NAME.search(n) for n in names)


def _ancestor_names(element: html.HtmlElement) -> Iterator[str]:
    """Yield the tags, classes and ids of the elements around an element."""
    for ancestor in element.iterancestors():
        if ancestor.tag in ("body", "html"):
            return
        yield str(ancestor.tag)
        for name in (ancestor.get("class"), ancestor.get("id")):
            if name and len(name) < 200:
                yield name.lower()
