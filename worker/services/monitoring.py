"""The figures for a monitor, read from the ledger, the index and Redis at each request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from worker.errors import CopydeskError
from worker.redis_keys import CELERY_QUEUES
from worker.services.context import AppContext
from worker.telemetry import Timing

MAX_FAILING = 50  # pairs of host and reason; each pair is a time series


@dataclass(slots=True)
class Stock:
    """The contents of the stores. Empty if `is_up` is False."""

    is_up: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)  #: numbers of rows, see `Ledger.counts`
    failing: Sequence[tuple[str, str, int]] = ()  #: failed rows by host and reason, see `Ledger.failing`
    oldest_queued_s: float = 0.0  #: age of the row that has waited the longest
    documents: int = 0


@dataclass(slots=True)
class Traffic:
    """The contents of Redis. Empty if `is_up` is False."""

    is_up: bool = False
    frontier: Mapping[str, int] = field(default_factory=dict)
    paused_hosts: int = 0
    spool: Mapping[str, int] = field(default_factory=dict)
    messages: Mapping[str, int] = field(default_factory=dict)  #: number of messages, by Celery queue
    silent_s: Mapping[str, float] = field(default_factory=dict)  #: since a worker of that queue last reported
    totals: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, Timing] = field(default_factory=dict)


def stock(context: AppContext) -> Stock:
    """Return the contents of the stores as of their last refresh, so that a monitor costs little."""
    try:
        oldest = context.ledger.waiting(context.now(), 1)
        queued_at = oldest[0].queued_at if oldest else None
        return Stock(
            is_up=True,
            counts=context.ledger.counts(),
            failing=context.ledger.failing(MAX_FAILING),
            oldest_queued_s=(context.now() - queued_at).total_seconds() if queued_at else 0.0,
            documents=context.index.count(),
        )
    except CopydeskError:
        return Stock()


def traffic(context: AppContext) -> Traffic:
    """Return what Redis holds now."""
    now = context.now().timestamp()
    try:
        reports = {queue: context.redis.get(context.keys.alive(queue)) for queue in CELERY_QUEUES}
        return Traffic(
            is_up=True,
            frontier=context.frontier.depths(),
            paused_hosts=len(context.frontier.paused(now)),
            spool=context.spool.depths(),
            messages={q: int(str(context.redis.llen(context.keys.celery_queue(q)))) for q in CELERY_QUEUES},
            silent_s={queue: max(0.0, now - float(at)) for queue, at in reports.items() if isinstance(at, bytes)},
            totals=context.telemetry.totals(),
            timings=context.telemetry.timings(),
        )
    except RedisError:
        return Traffic()
