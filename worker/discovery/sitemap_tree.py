"""A resumable walk through the sitemaps of a site, from an index to its parts, and the validators of each sitemap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from worker import urls
from worker.discovery.discovered_link import DiscoveredLink, unique_links
from worker.discovery.sitemaps import Sitemap
from worker.discovery.source_history import FULL_FETCH_AFTER_S
from worker.model.records import Fetched

MAX_SITEMAPS = 2000
MAX_URLS = 1_000_000
MAX_VALIDATORS = 200  # sitemaps; the oldest responses are dropped
#: A day without an hour may mean its midnight in any time zone, and a cached sitemap lists changes late.
MARGIN_S = 2 * 86_400
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapWalk:
    """The progress of a walk. Immutable.

    Sitemaps and pages whose last change is more than two days before `since` (epoch seconds) are left out. Those
    without a date are included.
    """

    pending: tuple[str, ...]  #: sitemaps to fetch, the next one first
    seen: tuple[str, ...] = ()  #: ids of all sitemaps that are or were pending
    visited: int = 0
    found: int = 0  #: pages that were returned so far
    named: int = 0  #: pages and sitemaps that were listed so far, including those left out
    since: float | None = None
    most_urls: int = MAX_URLS
    sites: tuple[str, ...] = ()  #: sites of the first sitemaps: parts on other hosts may list their pages

    @classmethod
    def begin(cls, starts: Iterable[str], *, since: float | None = None, most_urls: int = MAX_URLS) -> SitemapWalk:
        """Return a walk that starts at these sitemaps."""
        first = {_id(url): url for url in starts}
        sites = tuple(dict.fromkeys(map(urls.site, first.values())))
        return cls(pending=tuple(first.values()), seen=tuple(first), since=since, most_urls=most_urls, sites=sites)

    @property
    def next_url(self) -> str | None:
        """The sitemap to fetch next; None if the walk is finished or has reached `most_urls`."""
        return self.pending[0] if self.pending and self.found < self.most_urls else None

    def advance(self, sitemap: Sitemap) -> tuple[SitemapWalk, tuple[DiscoveredLink, ...]]:
        """Return the walk after its next sitemap, and that sitemap's pages. The newest parts of an index come first."""
        parts = sorted(self._recent(sitemap.sitemaps), key=lambda link: link.modified or EARLIEST, reverse=True)
        known = set(self.seen)
        new = {_id(link.url): link.url for link in unique_links(parts) if _id(link.url) not in known}
        new = dict(list(new.items())[: max(MAX_SITEMAPS - len(known), 0)])
        pages = tuple(self._recent(sitemap.pages))[: self.most_urls - self.found]
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
        """Return the walk without its next sitemap, which is unavailable."""
        return replace(self, pending=self.pending[1:], visited=self.visited + 1)

    def _recent(self, links: Iterable[DiscoveredLink]) -> Iterable[DiscoveredLink]:
        """Yield the links that may have changed since `since`."""
        for link in links:
            last = link.modified or link.published
            if self.since is None or last is None or last.timestamp() >= self.since - MARGIN_S:
                yield link

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that fit into JSON; `from_dict` reads them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SitemapWalk:
        """Return the walk that `as_dict` wrote."""
        lists = {name: tuple(values.get(name, ())) for name in ("pending", "seen", "sites")}
        return cls(**{**values, **lists})


@dataclass(frozen=True, slots=True)
class SitemapValidators:
    """The ETag and Last-Modified of each sitemap of a tree: an unchanged sitemap costs a 304. Immutable.

    Times are epoch seconds.
    """

    kept: Mapping[str, tuple[str | None, str | None, float]] = field(default_factory=dict)
    #: id of a URL -> ETag, Last-Modified, time of the response

    def get(self, url: str, now: float) -> tuple[str | None, str | None]:
        """Return the ETag and Last-Modified to send for a sitemap.

        Both are None if the last full response is hours old, because some hosts answer 304 for changed sitemaps.
        """
        etag, last_modified, at = self.kept.get(_id(url), (None, None, 0.0))
        return (etag, last_modified) if now - at <= FULL_FETCH_AFTER_S else (None, None)

    def with_response(self, url: str, fetched: Fetched, now: float) -> SitemapValidators:
        """Return the validators with those of a full response, if it has any."""
        id, etag, last_modified = _id(url), fetched.headers.get("etag"), fetched.headers.get("last-modified")
        kept = {key: value for key, value in self.kept.items() if key != id}
        if etag or last_modified:
            kept[id] = (etag, last_modified, now)
        return SitemapValidators(dict(list(kept.items())[-MAX_VALIDATORS:]))


def _id(url: str) -> str:
    return urls.url_id(urls.canonicalize(url))
