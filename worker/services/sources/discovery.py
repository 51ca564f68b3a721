"""From a home page to what a site offers for crawling, each candidate tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker import urls
from worker.discovery import feeds, sitemaps
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.site_probe import SourceCandidate, find_candidates
from worker.errors import BadInput, FetchFailed, Unreadable
from worker.model.catalog import SourceKind
from worker.services.context import AppContext
from worker.services.crawl.polite_fetch import visit

MOST_TRIED = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A feed or sitemap that was found and read."""

    url: str
    kind: SourceKind
    how: str  #: "named", "linked" or "guess"
    title: str | None
    listed: int  #: articles, or sitemaps of an index
    newest: datetime | None


def discover(context: AppContext, url: str) -> list[Offer]:
    """The likeliest first. `BadInput` if the page cannot be read; candidates that do not answer are left out."""
    try:
        page = visit(context, url)
        rules = context.robots.rules(urls.origin(page.url))
        found = find_candidates(page.body, page.url, page.content_type, rules.sitemaps)
    except (FetchFailed, Unreadable) as e:
        raise BadInput(f"{url} cannot be read: {e}") from None
    offers: dict[str, Offer] = {}
    for candidate in found[:MOST_TRIED]:
        offer = _try(context, candidate)
        if offer:
            offers.setdefault(offer.url, offer)
    return list(offers.values())


def _try(context: AppContext, candidate: SourceCandidate) -> Offer | None:
    try:
        fetched = visit(context, candidate.url)
        listed: tuple[DiscoveredLink, ...]
        if candidate.kind == "feed":
            listed = feeds.parse(fetched.body, fetched.url, fetched.content_type).links
        else:
            sitemap = sitemaps.parse(fetched.body, fetched.url, fetched.content_type)
            listed = sitemap.pages or sitemap.sitemaps
    except (FetchFailed, Unreadable):
        return None
    times = [when for f in listed if (when := f.published or f.modified)]
    return Offer(
        url=fetched.url,
        kind=SourceKind(candidate.kind),
        how=candidate.how,
        title=candidate.title,
        listed=len(listed),
        newest=max(times, default=None),
    )
