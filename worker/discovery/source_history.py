"""What visits to a source have brought so far, in a few numbers, and what they say: how often it brings news, whether
it has fallen silent, whether its ETag can be believed. Times are epoch seconds.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from worker.discovery.discovered_link import DiscoveredLink

MEMORY_S = 12 * 3600.0  # after so long a visit counts 1/e in the rate of news
FULL_AFTER_S = 6 * 3600.0  # a source that says "not modified" for so long is asked for everything once
QUIET_S = 86_400.0  # nobody is silent before a day has passed
FORGET = 0.98  # per piece of news, of the longest silence: old habits count less and less
FAILURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceVisit:
    """What one visit to a source came to."""

    at: float
    failed: str | None = None  #: reason slug
    not_modified: bool = False  #: 304
    listed: int = 0  #: articles that it names
    new: int = 0  #: of them, those that we did not know
    etag: str | None = None
    last_modified: str | None = None
    fingerprint: str | None = None  #: `fingerprint` of what it names


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHistory:
    """Immutable: `after` gives the next one."""

    first_at: float | None = None
    last_at: float | None = None
    visits: int = 0  #: that succeeded
    failures: int = 0  #: in a row, up to now
    failed: str | None = None  #: reason of the last failure, while it fails
    weight: float = 0.0  #: of new articles, the older the less, at `last_at`
    last_new_at: float | None = None
    longest_silence_s: float = 0.0
    listed: int = 0  #: at the last visit
    most_listed: int = 0
    etag: str | None = None
    last_modified: str | None = None
    fingerprint: str | None = None
    full_at: float | None = None  #: last visit that brought the whole source
    lies: bool = False  #: its validators stayed the same while its content changed

    def with_visit(self, visit: SourceVisit) -> SourceHistory:
        if visit.failed:
            return replace(self, last_at=visit.at, failures=self.failures + 1, failed=visit.failed)
        # What the first visit finds has gathered over an unknown time: it says nothing about the rate.
        new = visit.new if self.visits else 0
        history = replace(
            self,
            first_at=self.first_at or visit.at,
            last_at=visit.at,
            visits=self.visits + 1,
            failures=0,
            failed=None,
            weight=self._faded(visit.at) + new,
        )
        if visit.new:
            history = history._with_news(visit.at)
        return history if visit.not_modified else history._with_content(visit)

    def _with_news(self, at: float) -> SourceHistory:
        silence = at - self.last_new_at if self.last_new_at else 0.0
        return replace(self, last_new_at=at, longest_silence_s=max(silence, self.longest_silence_s * FORGET))

    def _with_content(self, visit: SourceVisit) -> SourceHistory:
        same_label = (visit.etag, visit.last_modified) == (self.etag, self.last_modified) != (None, None)
        changed = self.fingerprint is not None and visit.fingerprint != self.fingerprint
        return replace(
            self,
            listed=visit.listed,
            most_listed=max(visit.listed, self.most_listed),
            etag=visit.etag,
            last_modified=visit.last_modified,
            fingerprint=visit.fingerprint,
            full_at=visit.at,
            lies=self.lies or (same_label and changed),
        )

    def _faded(self, at: float) -> float:
        return self.weight * math.exp(-(at - self.last_at) / MEMORY_S) if self.last_at else 0.0

    def rate(self, now: float) -> float:
        """New articles a second, lately. 0 if there were none."""
        if self.first_at is None or now <= self.first_at:
            return 0.0
        seen_s = MEMORY_S * (1 - math.exp(-(now - self.first_at) / MEMORY_S))
        return self._faded(now) / seen_s

    def validators(self, now: float) -> tuple[str | None, str | None]:
        """ETag and Last-Modified to send with the next visit. None of them to a source whose validators lie; and none
        now and then, to find out."""
        if self.lies or self.full_at is None or now - self.full_at > FULL_AFTER_S:
            return None, None
        return self.etag, self.last_modified

    def health(self, now: float) -> str:
        """By its own habits: "ok", "failing", "empty" (names nothing any more), "silent" (nothing new for much longer
        than ever), or "unknown" before the first visit."""
        if self.failures >= FAILURES:
            return "failing"
        if self.visits == 0:
            return "unknown"
        if self.listed == 0 and self.most_listed > 0:
            return "empty"
        since = now - (self.last_new_at or self.first_at or now)
        return "silent" if since > max(QUIET_S, 2 * self.longest_silence_s) else "ok"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that fit into JSON; `from_dict` reads them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SourceHistory:
        """Return the history that `as_dict` wrote. Fields that other versions wrote are ignored."""
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})


def fingerprint(found: Iterable[DiscoveredLink]) -> str:
    """Of what a source names; not of its bytes, which may carry the time of day."""
    digest = hashlib.blake2b(digest_size=16)
    for f in found:
        digest.update(f"{f.url}\n{f.title}\n".encode(errors="replace"))
    return digest.hexdigest()
