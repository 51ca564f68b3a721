"""Find the feeds and sitemaps of a site, beginning at its home page, and try each of them."""

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
from worker.services.crawl.source_fetch import fetch_page

MAX_TRIED = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSource:
    """A feed or sitemap that was fetched and read."""

    url: str
    kind: SourceKind
    how: str  #: "named", "linked" or "guess"
    title: str | None
    listed: int  #: number of articles, or of sitemaps if it is an index
    newest: datetime | None


def discover(context: AppContext, url: str) -> list[FoundSource]:
    """Return the sources of a site, the most likely first. Candidates that do not answer are skipped.

    Raise `BadInput` if the page at `url` cannot be fetched or read.
    """
    try:
        page = fetch_page(context, url)
        rules = context.robots.rules(urls.origin(page.url))  # in the cache since the page was fetched
        candidates = find_candidates(page.body, page.url, page.content_type, rules.sitemaps)
    except (FetchFailed, Unreadable) as e:
        raise BadInput(f"{url} cannot be read: {e}") from None
    found: dict[str, FoundSource] = {}
    for candidate in candidates[:MAX_TRIED]:
        source = _try(context, candidate)
        if source:
            found.setdefault(source.url, source)
    return list(found.values())


def _try(context: AppContext, candidate: SourceCandidate) -> FoundSource | None:
    try:
        fetched = fetch_page(context, candidate.url)
        links: tuple[DiscoveredLink, ...]
        if candidate.kind == "feed":
            links = feeds.parse(fetched.body, fetched.url, fetched.content_type).links
        else:
            sitemap = sitemaps.parse(fetched.body, fetched.url, fetched.content_type)
            links = sitemap.pages or sitemap.sitemaps
    except (FetchFailed, Unreadable):
        return None
    times = [when for link in links if (when := link.published or link.modified)]
    return FoundSource(
        url=fetched.url,
        kind=SourceKind(candidate.kind),
        how=candidate.how,
        title=candidate.title,
        listed=len(links),
        newest=max(times, default=None),
    )
