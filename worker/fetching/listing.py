"""What a fetched source names, whatever its kind: one door to feeds, sitemaps and section pages."""

from __future__ import annotations

from dataclasses import dataclass

from worker.errors import Unreadable
from worker.fetching import feeds, section, sitemaps
from worker.fetching.found import Found
from worker.fetching.links import Learned
from worker.records import Fetched

KINDS = ("feed", "sitemap", "section")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    kind: str  #: "feed", "sitemap" or "section"
    title: str | None = None
    found: tuple[Found, ...] = ()
    sitemaps: tuple[Found, ...] = ()  #: parts of a sitemap index, to be walked through (`walk.Walk`)
    hub: str | None = None
    topic: str | None = None
    next_page: str | None = None


def read(fetched: Fetched, kind: str, learned: Learned | None = None) -> Listing:
    """`Unreadable` where the answer is not of that kind."""
    answer = (fetched.body, fetched.url, fetched.content_type)
    match kind:
        case "feed":
            feed = feeds.parse(*answer)
            return Listing(
                kind=kind, title=feed.title, found=feed.found, hub=feed.hub, topic=feed.topic, next_page=feed.next_page
            )
        case "sitemap":
            sitemap = sitemaps.parse(*answer)
            return Listing(kind=kind, found=sitemap.found, sitemaps=sitemap.sitemaps)
        case _:
            return Listing(kind="section", found=section.articles(*answer, learned))


def recognise(fetched: Fetched, learned: Learned | None = None) -> Listing:
    """What it turns out to be: a feed, a sitemap, or else a page whose links are weighed. `Unreadable` where it names
    nothing at all."""
    for kind in KINDS:
        try:
            listing = read(fetched, kind, learned)
        except Unreadable:
            continue
        if listing.found or listing.sitemaps or kind == "feed":
            return listing
    raise Unreadable(f"{fetched.url} is no feed or sitemap, and none of its links looks like an article")
