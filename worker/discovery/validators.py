"""The ETag and Last-Modified of each sitemap of a tree, as its host sent them: an unchanged part costs a 304."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker import urls
from worker.discovery.source_history import FULL_AFTER_S
from worker.model.records import Fetched

MOST_KEPT = 200  # sitemaps; the oldest answers go first

Kept = tuple[str | None, str | None, float]


@dataclass(frozen=True, slots=True)
class SitemapValidators:
    """Immutable: `after` gives the next ones. Times are epoch seconds."""

    kept: Mapping[str, Kept] = field(default_factory=dict)  #: id of an address -> ETag, Last-Modified, when

    def get(self, url: str, now: float) -> tuple[str | None, str | None]:
        """What to send. Nothing where the last whole answer is hours old: some hosts say "not modified" too readily."""
        etag, last_modified, at = self.kept.get(_id(url), (None, None, 0.0))
        return (etag, last_modified) if now - at <= FULL_AFTER_S else (None, None)

    def with_response(self, url: str, fetched: Fetched, now: float) -> SitemapValidators:
        """With those of a whole answer, if it has any."""
        id, etag, last_modified = _id(url), fetched.headers.get("etag"), fetched.headers.get("last-modified")
        kept = {key: value for key, value in self.kept.items() if key != id}
        if etag or last_modified:
            kept[id] = (etag, last_modified, now)
        return SitemapValidators(dict(list(kept.items())[-MOST_KEPT:]))


def _id(url: str) -> str:
    return urls.url_id(urls.canonicalize(url))
