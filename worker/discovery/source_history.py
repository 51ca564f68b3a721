"""The results of past visits to a source, in a few numbers: its rate of new articles, its health, its validators.

Times are epoch seconds.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from worker.discovery.discovered_link import DiscoveredLink

RATE_DECAY_S = 12 * 3600.0  # seconds after which a new article counts 1/e in the rate
FULL_FETCH_AFTER_S = 6 * 3600.0  # seconds without a full response after which one is requested
MIN_SILENCE_S = 86_400.0  # shorter silences are normal for every source
SILENCE_DECAY = 0.98  # factor for the longest silence at each visit with news, so that old silences count less
FAILING_AFTER = 3  # failed visits in a row after which a source is failing


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceVisit:
    """The result of one visit to a source."""

    at: float
    failed: str | None = None  #: reason of the failure
    not_modified: bool = False  #: 304
    listed: int = 0  #: articles that the source lists
    new: int = 0  #: articles among them that were unknown
    etag: str | None = None
    last_modified: str | None = None
    fingerprint: str | None = None  #: hash of the links, see `fingerprint`


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHistory:
    """The summary of all visits to a source. Immutable: `with_visit` returns the next one."""

    first_at: float | None = None
    last_at: float | None = None
    visits: int = 0  #: successful visits
    failures: int = 0  #: failed visits in a row, up to the last one
    failed: str | None = None  #: reason of the last visit, if it failed
    weight: float = 0.0  #: number of new articles at `last_at`, older ones counting less
    last_new_at: float | None = None
    longest_silence_s: float = 0.0
    listed: int = 0  #: number of articles listed at the last visit
    most_listed: int = 0
    etag: str | None = None
    last_modified: str | None = None
    fingerprint: str | None = None
    full_at: float | None = None  #: time of the last full response
    unreliable_validators: bool = False  #: they stayed the same while the content changed

    def with_visit(self, visit: SourceVisit) -> SourceHistory:
        """Return the history after one more visit."""
        if visit.failed:
            return replace(self, last_at=visit.at, failures=self.failures + 1, failed=visit.failed)
        # The articles of the first visit were published over an unknown time, so they say nothing about the rate.
        new = visit.new if self.visits else 0
        history = replace(
            self,
            first_at=self.first_at or visit.at,
            last_at=visit.at,
            visits=self.visits + 1,
            failures=0,
            failed=None,
            weight=self._decayed_weight(visit.at) + new,
        )
        if visit.new:
            history = history._with_news(visit.at)
        return history if visit.not_modified else history._with_content(visit)

    def _with_news(self, at: float) -> SourceHistory:
        silence = at - self.last_new_at if self.last_new_at else 0.0
        return replace(self, last_new_at=at, longest_silence_s=max(silence, self.longest_silence_s * SILENCE_DECAY))

    def _with_content(self, visit: SourceVisit) -> SourceHistory:
        same_validators = (visit.etag, visit.last_modified) == (self.etag, self.last_modified) != (None, None)
        changed = self.fingerprint is not None and visit.fingerprint != self.fingerprint
        return replace(
            self,
            listed=visit.listed,
            most_listed=max(visit.listed, self.most_listed),
            etag=visit.etag,
            last_modified=visit.last_modified,
            fingerprint=visit.fingerprint,
            full_at=visit.at,
            unreliable_validators=self.unreliable_validators or (same_validators and changed),
        )

    def _decayed_weight(self, at: float) -> float:
        return self.weight * math.exp(-(at - self.last_at) / RATE_DECAY_S) if self.last_at else 0.0

    def rate(self, now: float) -> float:
        """Return the recent number of new articles per second."""
        if self.first_at is None or now <= self.first_at:
            return 0.0
        observed_s = RATE_DECAY_S * (1 - math.exp(-(now - self.first_at) / RATE_DECAY_S))
        return self._decayed_weight(now) / observed_s

    def validators(self, now: float) -> tuple[str | None, str | None]:
        """Return the ETag and Last-Modified to send with the next visit.

        Both are None if the validators are unreliable, and after `FULL_FETCH_AFTER_S`, to check that they are reliable.
        """
        if self.unreliable_validators or self.full_at is None or now - self.full_at > FULL_FETCH_AFTER_S:
            return None, None
        return self.etag, self.last_modified

    def health(self, now: float) -> str:
        """Return the health of the source compared with its own past.

        "unknown" before the first visit, "failing" after three failures in a row, "empty" if it no longer lists
        anything, "silent" if it lists nothing new for much longer than ever before, else "ok".
        """
        if self.failures >= FAILING_AFTER:
            return "failing"
        if self.visits == 0:
            return "unknown"
        if self.listed == 0 and self.most_listed > 0:
            return "empty"
        since = now - (self.last_new_at or self.first_at or now)
        return "silent" if since > max(MIN_SILENCE_S, 2 * self.longest_silence_s) else "ok"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that fit into JSON; `from_dict` reads them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SourceHistory:
        """Return the history that `as_dict` wrote. Fields that other versions wrote are ignored."""
        known = {"unreliable_validators": values.get("lies", False), **values}  # "lies": its name in Copydesk 0.1
        return cls(**{f.name: known[f.name] for f in fields(cls) if f.name in known})


def fingerprint(links: Iterable[DiscoveredLink]) -> str:
    """Return a hash of a source's links. A hash of its bytes would change with any timestamp in them."""
    digest = hashlib.blake2b(digest_size=16)
    for link in links:
        digest.update(f"{link.url}\n{link.title}\n".encode(errors="replace"))
    return digest.hexdigest()
