"""Counters and timings of the work, kept in Redis and shared by all processes.

Counters of the last minutes expire by themselves; totals and histograms only grow. The stages of the histograms:

fetch   one request, from sending it to its last byte
read    one page, from bytes to article
crawl   one crawl, from queued to finished
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis

from worker.config.settings import Settings
from worker.model.records import CrawlResult, Row
from worker.redis_keys import Keys

WINDOW_S = 60
KINDS = ("fetched", "finished", "indexed")
STAGES = ("fetch", "read", "crawl")
#: Upper bounds of the buckets in seconds: from a quick page to a crawl that waited for a day. The last one is open.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400, float("inf"))
_SLOT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The histogram of one stage."""

    counts: tuple[int, ...]  #: by bucket, not cumulative, as long as BOUNDS
    total_s: float


class Telemetry:
    """The counters and histograms of one installation.

    Safe to share between threads and processes. Raises `redis.RedisError` if Redis does not answer.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._keys = Keys(settings.redis_prefix)

    def count(self, now: datetime, **done: int) -> None:
        """Add to the counters, as in `count(now, finished=12)`."""
        slot = int(now.timestamp()) // _SLOT_S
        pipeline = self._redis.pipeline(transaction=False)
        for kind, n in done.items():
            if n:
                key = self._keys.rate(kind, slot)
                pipeline.incrby(key, n)
                pipeline.expire(key, timedelta(seconds=3 * WINDOW_S))
                pipeline.hincrby(self._keys.totals, kind, n)
        pipeline.execute()

    def last_minute(self, now: datetime) -> dict[str, int]:
        """Return the sums of the last full minute, by kind."""
        last = int(now.timestamp()) // _SLOT_S
        slots = range(last - WINDOW_S // _SLOT_S, last)
        pipeline = self._redis.pipeline(transaction=False)
        for kind in KINDS:
            pipeline.mget([self._keys.rate(kind, slot) for slot in slots])
        found = pipeline.execute()
        return {kind: sum(int(n or 0) for n in values) for kind, values in zip(KINDS, found, strict=True)}

    def totals(self) -> dict[str, int]:
        """Return the sums since Redis began to count, by kind."""
        found = self._redis.hmget(self._keys.totals, list(KINDS))
        assert isinstance(found, list)
        return {kind: int(n or 0) for kind, n in zip(KINDS, found, strict=True)}

    def observe(self, seconds: Mapping[str, Sequence[float]]) -> None:
        """Add durations to the histograms, by stage."""
        pipeline = self._redis.pipeline(transaction=False)
        for stage, measured in seconds.items():
            for bucket, n in Counter(bisect_left(BOUNDS, s) for s in measured).items():
                pipeline.hincrby(self._keys.timing(stage), str(bucket), n)
            if measured:
                pipeline.hincrbyfloat(self._keys.timing(stage), "sum", sum(measured))
        pipeline.execute()

    def timings(self) -> dict[str, Timing]:
        """Return the histogram of each stage since Redis began to count."""
        pipeline = self._redis.pipeline(transaction=False)
        for stage in STAGES:
            pipeline.hgetall(self._keys.timing(stage))
        return {stage: _timing(found) for stage, found in zip(STAGES, pipeline.execute(), strict=True)}


def crawl_seconds(row: Row, end: CrawlResult) -> list[float]:
    """Return the seconds from queued to finished; none if the row does not say when it was queued."""
    return [(end.finished_at - row.queued_at).total_seconds()] if row.queued_at else []


def _timing(found: Mapping[bytes, bytes]) -> Timing:
    counts = tuple(int(found.get(str(n).encode(), 0)) for n in range(len(BOUNDS)))
    return Timing(counts=counts, total_s=float(found.get(b"sum", 0)))
