"""Walk through a tree of sitemaps, a few steps at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from worker.config.settings import Settings
from worker.discovery import sitemaps
from worker.discovery.discovered_link import DiscoveredLink, Skipped
from worker.discovery.sitemap_tree import SitemapValidators, SitemapWalk
from worker.discovery.sitemaps import Sitemap
from worker.errors import FetchFailed, Unreadable
from worker.model.reasons import Reason
from worker.services.crawl.source_fetch import WAIT_S, ContinueLater, FetchPage

log = logging.getLogger(__name__)

MAX_SITEMAPS = 20  # sitemaps that one visit fetches
MAX_PAGES = 100_000  # pages in one visit after which no further sitemap is fetched
MAX_S = 120.0  # seconds after which a visit fetches no further sitemap: it must end before its claim expires
#: Reasons that say nothing about the sitemap itself.
HOST_REASONS = frozenset({Reason.HOST_PAUSED, Reason.HOST_BUSY, Reason.ROBOTS_AWAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedPart:
    """The position of a walk after some steps, and the result of these steps."""

    walk: SitemapWalk
    validators: SitemapValidators = field(default_factory=SitemapValidators)
    pages: tuple[DiscoveredLink, ...] = ()
    named: int = 0  #: pages and sitemaps that were listed, including those skipped as unchanged
    unchanged: int = 0  #: sitemaps that answered 304
    problems: tuple[str, ...] = ()  #: why sitemaps were skipped

    @property
    def more(self) -> bool:
        """True if the walk is not at its end."""
        return self.walk.next_url is not None


def longest_walk_s(settings: Settings) -> float:
    """Return the maximum seconds of one part of a walk. Its last sitemap may wait for its host and then be slow."""
    return MAX_S + WAIT_S + 2 * settings.fetch_total_timeout_s


def walk_part(
    fetch: FetchPage, walk: SitemapWalk, validators: SitemapValidators, now: float, *, steps: int | None = None
) -> WalkedPart:
    """Walk `steps` steps (None: `MAX_SITEMAPS`), or fewer if they take long or name many pages.

    A sitemap that cannot be fetched or read is skipped. If its host is paused or busy, or if the next sitemap has to
    wait for another host visit, the part ends. `now` is in epoch seconds. Raise `FetchFailed`, `Unreadable` or
    `ContinueLater` if that happens at the first step, and for any problem of the first sitemap of the tree.
    """
    part = WalkedPart(walk=walk, validators=validators)
    start = time.monotonic()
    for step in range(MAX_SITEMAPS if steps is None else steps):
        url = part.walk.next_url
        if url is None or time.monotonic() - start > MAX_S or len(part.pages) >= MAX_PAGES:
            break
        try:
            part = _step(fetch, part, url, now)
        except ContinueLater:
            if step == 0:
                raise
            break
        except (FetchFailed, Unreadable) as e:
            is_host_away = isinstance(e, FetchFailed) and e.reason in HOST_REASONS
            if part.walk.visited == 0 or (is_host_away and step == 0):
                raise
            if is_host_away:
                break
            log.warning("Sitemap skipped: %s: %s", url, e)
            part = replace(part, walk=part.walk.skip(), problems=(*part.problems, f"{url}: {e}"))
    return part


def _step(fetch: FetchPage, part: WalkedPart, url: str, now: float) -> WalkedPart:
    etag, last_modified = part.validators.get(url, now)
    fetched = fetch(url, etag=etag, last_modified=last_modified)
    if fetched.status == 304:
        return replace(part, walk=part.walk.skip(), unchanged=part.unchanged + 1)
    sitemap = sitemaps.parse(fetched.body, fetched.url, fetched.content_type, part.walk.sites)
    walk, pages = part.walk.advance(sitemap)
    return replace(
        part,
        walk=walk,
        # An index is always fetched as a whole: its parts may change though the index does not.
        validators=part.validators if sitemap.sitemaps else part.validators.with_response(url, fetched, now),
        pages=part.pages + pages,
        problems=(*part.problems, *_lost(sitemap, url)),
        named=part.named + walk.named - part.walk.named,
    )


def _lost(sitemap: Sitemap, url: str) -> Iterator[str]:
    """Yield a sentence about entries that the sitemap names but that could not be taken."""
    for reason in (Skipped.UNREADABLE, Skipped.TOO_MANY):
        if count := sitemap.skipped.get(reason):
            yield f"{url}: {count:,} {'entry' if count == 1 else 'entries'} skipped ({reason})"
