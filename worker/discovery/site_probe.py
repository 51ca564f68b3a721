"""The feeds and sitemaps that a site may have: those that its home page names or links, then the usual paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from worker import urls
from worker.discovery.discovered_link import absolute_url, plain_text
from worker.discovery.section_links import base_url, parse_html

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
FEED_PATH = re.compile(
    r"/(?:rss|feeds?|atom)(?:[/.?]|$)|[._-](?:rss|feed|atom)\.xml|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
NOT_NEWS = re.compile(r"comments?(?:/|$)|/comments/feed|oembed", re.IGNORECASE)
COMMON_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed.json", "/index.xml", "/feeds/all.xml")
COMMON_SITEMAPS = (
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/wp-sitemap.xml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCandidate:
    """A URL that may be a source."""

    url: str
    kind: str  #: "feed" or "sitemap"
    how: str  #: "named" by the site; "linked": a link that looks like a feed; "guess": a common path
    title: str | None = None


def find_candidates(
    body: bytes, url: str, content_type: str = "", sitemaps: Iterable[str] = ()
) -> tuple[SourceCandidate, ...]:
    """Return the candidates, the likeliest first, each URL once.

    `sitemaps` are those that robots.txt names. Most guesses do not exist: fetch each candidate to check it. Raise
    `Unreadable` if the body is not HTML.
    """
    root = parse_html(body, url, content_type)
    base = base_url(root, url)
    named = [SourceCandidate(url=s, kind="sitemap", how="named") for line in sitemaps if (s := absolute_url(url, line))]
    links = [*_named(root, base), *_linked(root, base, urls.site(url)), *named, *_guesses(urls.origin(url))]
    first: dict[str, SourceCandidate] = {}
    for candidate in links:
        first.setdefault(urls.canonicalize(candidate.url), candidate)
    order = ("named", "linked", "guess")
    return tuple(sorted(first.values(), key=lambda c: order.index(c.how)))


def _named(root: HtmlElement, base: str) -> Iterator[SourceCandidate]:
    for element in root.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        is_alternate = "alternate" in (element.get("rel") or "").lower().split()
        target = absolute_url(base, element.get("href"))
        if target and is_alternate and kind in FEED_TYPES and not NOT_NEWS.search(target):
            yield SourceCandidate(url=target, kind="feed", how="named", title=plain_text(element.get("title")))


def _linked(root: HtmlElement, base: str, site: str) -> Iterator[SourceCandidate]:
    for element in root.iter("a"):
        target = absolute_url(base, element.get("href"))
        if target is None or urls.site(target) != site or NOT_NEWS.search(target):
            continue
        path = target.partition("//")[2].partition("/")[2]
        if FEED_PATH.search("/" + path):
            yield SourceCandidate(
                url=target, kind="feed", how="linked", title=plain_text(str(element.text_content())[:300])
            )


def _guesses(origin: str) -> Iterator[SourceCandidate]:
    for path in COMMON_FEEDS:
        yield SourceCandidate(url=origin + path, kind="feed", how="guess")
    for path in COMMON_SITEMAPS:
        yield SourceCandidate(url=origin + path, kind="sitemap", how="guess")
