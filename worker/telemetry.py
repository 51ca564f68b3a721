"""How much was done: lately, by counters in Redis that expire by themselves, and in all, by counters that only grow.

How long things take: histograms in Redis, shared by all processes, that only grow.

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

from worker.model.records import CrawlResult, Row

RATE_KEY = "copydesk:rate"
TOTALS = "copydesk:totals"
WINDOW_S = 60
KINDS = ("fetched", "finished", "indexed")
_SLOT_S = 10


def count(redis: Redis, now: datetime, **done: int) -> None:
    """Add to the counters, such as `finished=12`."""
    slot = int(now.timestamp()) // _SLOT_S
    pipeline = redis.pipeline(transaction=False)
    for kind, n in done.items():
        if n:
            pipeline.incrby(f"{RATE_KEY}:{kind}:{slot}", n)
            pipeline.expire(f"{RATE_KEY}:{kind}:{slot}", timedelta(seconds=3 * WINDOW_S))
            pipeline.hincrby(TOTALS, kind, n)
    pipeline.execute()


def lately(redis: Redis, now: datetime) -> dict[str, int]:
    """Sums of the last full minute, by kind."""
    last = int(now.timestamp()) // _SLOT_S
    slots = range(last - WINDOW_S // _SLOT_S, last)
    pipeline = redis.pipeline(transaction=False)
    for kind in KINDS:
        pipeline.mget([f"{RATE_KEY}:{kind}:{slot}" for slot in slots])
    found = pipeline.execute()
    return {kind: sum(int(n or 0) for n in values) for kind, values in zip(KINDS, found, strict=True)}


def totals(redis: Redis) -> dict[str, int]:
    """Sums since Redis began to count, by kind."""
    found = redis.hmget(TOTALS, list(KINDS))
    assert isinstance(found, list)
    return {kind: int(n or 0) for kind, n in zip(KINDS, found, strict=True)}


TIMING_KEY = "copydesk:timing"
STAGES = ("fetch", "read", "crawl")
#: Upper bounds of the buckets in seconds: from a quick page to a crawl that waited for a day. The last one is open.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400, float("inf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One stage's histogram."""

    counts: tuple[int, ...]  #: by bucket, not summed up, as long as BOUNDS
    total_s: float


def observe(redis: Redis, seconds: Mapping[str, Sequence[float]]) -> None:
    """Add what was measured, by stage."""
    pipeline = redis.pipeline(transaction=False)
    for stage, measured in seconds.items():
        for bucket, n in Counter(bisect_left(BOUNDS, s) for s in measured).items():
            pipeline.hincrby(f"{TIMING_KEY}:{stage}", str(bucket), n)
        if measured:
            pipeline.hincrbyfloat(f"{TIMING_KEY}:{stage}", "sum", sum(measured))
    pipeline.execute()


def lag_s(row: Row, end: CrawlResult) -> list[float]:
    """Seconds from queued to finished; none where the row does not say when it was queued."""
    return [(end.finished_at - row.queued_at).total_seconds()] if row.queued_at else []


def timings(redis: Redis) -> dict[str, Timing]:
    """Every stage's histogram since Redis began to count."""
    pipeline = redis.pipeline(transaction=False)
    for stage in STAGES:
        pipeline.hgetall(f"{TIMING_KEY}:{stage}")
    return {stage: _timing(found) for stage, found in zip(STAGES, pipeline.execute(), strict=True)}


def _timing(found: Mapping[bytes, bytes]) -> Timing:
    counts = tuple(int(found.get(str(n).encode(), 0)) for n in range(len(BOUNDS)))
    return Timing(counts=counts, total_s=float(found.get(b"sum", 0)))
