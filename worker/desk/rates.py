"""How much was done: lately, by counters in Redis that expire by themselves, and in all, by counters that only grow."""

from __future__ import annotations

from datetime import datetime, timedelta

from redis import Redis

KEY = "copydesk:rate"
TOTALS = "copydesk:totals"
WINDOW_S = 60
KINDS = ("fetched", "settled", "indexed")
_SLOT_S = 10


def count(redis: Redis, now: datetime, **done: int) -> None:
    """Add to the counters, such as `settled=12`."""
    slot = int(now.timestamp()) // _SLOT_S
    pipeline = redis.pipeline(transaction=False)
    for kind, n in done.items():
        if n:
            pipeline.incrby(f"{KEY}:{kind}:{slot}", n)
            pipeline.expire(f"{KEY}:{kind}:{slot}", timedelta(seconds=3 * WINDOW_S))
            pipeline.hincrby(TOTALS, kind, n)
    pipeline.execute()


def lately(redis: Redis, now: datetime) -> dict[str, int]:
    """Sums of the last full minute, by kind."""
    last = int(now.timestamp()) // _SLOT_S
    slots = range(last - WINDOW_S // _SLOT_S, last)
    pipeline = redis.pipeline(transaction=False)
    for kind in KINDS:
        pipeline.mget([f"{KEY}:{kind}:{slot}" for slot in slots])
    found = pipeline.execute()
    return {kind: sum(int(n or 0) for n in values) for kind, values in zip(KINDS, found, strict=True)}


def totals(redis: Redis) -> dict[str, int]:
    """Sums since Redis began to count, by kind."""
    found = redis.hmget(TOTALS, list(KINDS))
    assert isinstance(found, list)
    return {kind: int(n or 0) for kind, n in zip(KINDS, found, strict=True)}
