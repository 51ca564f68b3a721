"""From a site's home page to its feeds and sitemaps: what it names, then where such things usually lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from worker import urls
from worker.discovery.discovered_link import absolute_url, plain_text
from worker.discovery.section_links import base_of, parse_html

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
FEED_ADDRESS = re.compile(
    r"/(?:rss|feeds?|atom)(?:[/.?]|$)|[._-](?:rss|feed|atom)\.xml|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
NO_NEWS = re.compile(r"comments?(?:/|$)|/comments/feed|oembed", re.IGNORECASE)
USUAL_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed.json", "/index.xml", "/feeds/all.xml")
USUAL_SITEMAPS = (
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/wp-sitemap.xml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCandidate:
    """An address that may be a source."""

    url: str
    kind: str  #: "feed" or "sitemap"
    how: str  #: "named": the site says so; "linked": a link that looks like it; "guess": where such things usually lie
    title: str | None = None


def find_candidates(
    body: bytes, url: str, content_type: str = "", sitemaps: Iterable[str] = ()
) -> tuple[SourceCandidate, ...]:
    """The likeliest first, each address once. `sitemaps` are those that robots.txt names. Guesses are to be tried: most
    do not exist. `Unreadable` for what is no HTML."""
    root = parse_html(body, url, content_type)
    base = base_of(root, url)
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
        address = absolute_url(base, element.get("href"))
        if address and is_alternate and kind in FEED_TYPES and not NO_NEWS.search(address):
            yield SourceCandidate(url=address, kind="feed", how="named", title=plain_text(element.get("title")))


def _linked(root: HtmlElement, base: str, site: str) -> Iterator[SourceCandidate]:
    for element in root.iter("a"):
        address = absolute_url(base, element.get("href"))
        if address is None or urls.site(address) != site or NO_NEWS.search(address):
            continue
        path = address.partition("//")[2].partition("/")[2]
        if FEED_ADDRESS.search("/" + path):
            yield SourceCandidate(
                url=address, kind="feed", how="linked", title=plain_text(str(element.text_content())[:300])
            )


def _guesses(origin: str) -> Iterator[SourceCandidate]:
    for path in USUAL_FEEDS:
        yield SourceCandidate(url=origin + path, kind="feed", how="guess")
    for path in USUAL_SITEMAPS:
        yield SourceCandidate(url=origin + path, kind="sitemap", how="guess")
