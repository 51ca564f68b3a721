"""A walk through a site's sitemaps: from an index to its parts, bounded, and resumable from plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from worker import urls
from worker.discovery.discovered_link import DiscoveredLink, unique_links
from worker.discovery.sitemaps import Sitemap

MOST_SITEMAPS = 2000
MOST_URLS = 1_000_000
#: A day without an hour is as old as its midnight somewhere, and a cached sitemap names late what changed before.
MARGIN_S = 2 * 86_400
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapWalk:
    """Where a walk stands. Immutable: `after` gives the next one.

    `since` leaves out sitemaps and pages that say they have not changed since then (epoch seconds), or for two days
    before; those that say nothing are looked at.
    """

    pending: tuple[str, ...]  #: sitemaps to fetch, the next one first
    seen: tuple[str, ...] = ()  #: ids of all sitemaps that were ever pending
    visited: int = 0
    found: int = 0  #: pages that were brought so far
    named: int = 0  #: pages and parts that were named so far, those left out included
    since: float | None = None
    most_urls: int = MOST_URLS

    @classmethod
    def begin(cls, starts: Iterable[str], *, since: float | None = None, most_urls: int = MOST_URLS) -> SitemapWalk:
        first = {_id(url): url for url in starts}
        return cls(pending=tuple(first.values()), seen=tuple(first), since=since, most_urls=most_urls)

    @property
    def next_url(self) -> str | None:
        """The sitemap to fetch next; None when the walk is over, or has gone far enough."""
        return self.pending[0] if self.pending and self.found < self.most_urls else None

    def advance(self, sitemap: Sitemap) -> tuple[SitemapWalk, tuple[DiscoveredLink, ...]]:
        """The walk after its next sitemap was read, and the pages that this one brings: the newest parts come first."""
        parts = sorted(self._fresh(sitemap.sitemaps), key=lambda f: f.modified or EARLIEST, reverse=True)
        known = set(self.seen)
        new = {_id(f.url): f.url for f in unique_links(parts) if _id(f.url) not in known}
        new = dict(list(new.items())[: max(MOST_SITEMAPS - len(known), 0)])
        pages = tuple(self._fresh(sitemap.pages))[: self.most_urls - self.found]
        walk = replace(
            self,
            pending=(*new.values(), *self.pending[1:]),
            seen=(*self.seen, *new),
            visited=self.visited + 1,
            found=self.found + len(pages),
            named=self.named + len(sitemap.pages) + len(sitemap.sitemaps),
        )
        return walk, pages

    def skip(self) -> SitemapWalk:
        """The walk past its next sitemap, which cannot be had."""
        return replace(self, pending=self.pending[1:], visited=self.visited + 1)

    def _fresh(self, found: Iterable[DiscoveredLink]) -> Iterable[DiscoveredLink]:
        """Those that may have changed since."""
        for f in found:
            last = f.modified or f.published
            if self.since is None or last is None or last.timestamp() >= self.since - MARGIN_S:
                yield f

    def as_dict(self) -> dict[str, Any]:
        """Of plain values, for JSON; `from_dict` reads it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SitemapWalk:
        return cls(**{**values, "pending": tuple(values["pending"]), "seen": tuple(values["seen"])})


def _id(url: str) -> str:
    return urls.url_id(urls.canonicalize(url))
