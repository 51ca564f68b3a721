"""What a monitor wants to know of the whole house, gathered when it asks: from the ledger, the index and Redis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from worker.desk.parts import Desk
from worker.desk.rates import totals
from worker.desk.timings import Timing, timings
from worker.errors import CopydeskError

MOST_FAILING = 50  # hosts and reasons that are told apart: a monitor pays for each


@dataclass(slots=True)
class Stock:
    """What lies in the stores. Empty while `is_up` is False."""

    is_up: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)  #: `Ledger.counts`
    failing: Sequence[tuple[str, str, int]] = ()  #: `Ledger.failing`
    oldest_queued_s: float = 0.0  #: that the row which waits longest has waited
    documents: int = 0


@dataclass(slots=True)
class Traffic:
    """What goes through Redis. Empty while `is_up` is False."""

    is_up: bool = False
    frontier: Mapping[str, int] = field(default_factory=dict)
    paused_hosts: int = 0
    spool: Mapping[str, int] = field(default_factory=dict)
    messages: Mapping[str, int] = field(default_factory=dict)  #: by Celery queue
    silent_s: Mapping[str, float] = field(default_factory=dict)  #: by Celery queue: since its last sign of life
    totals: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, Timing] = field(default_factory=dict)


def stock(desk: Desk) -> Stock:
    """As the last refresh showed it, so that a monitor costs the stores little."""
    try:
        oldest = desk.ledger.waiting(desk.now(), 1)
        queued_at = oldest[0].queued_at if oldest else None
        return Stock(
            is_up=True,
            counts=desk.ledger.counts(),
            failing=desk.ledger.failing(MOST_FAILING),
            oldest_queued_s=(desk.now() - queued_at).total_seconds() if queued_at else 0.0,
            documents=desk.index.count(),
        )
    except CopydeskError:
        return Stock()


def traffic(desk: Desk, queues: Sequence[str], alive: str) -> Traffic:
    """`queues` are Celery's; a worker of each leaves the time of its last sign of life under `alive` and its name."""
    now = desk.now().timestamp()
    try:
        signs = {queue: desk.redis.get(alive + queue) for queue in queues}
        return Traffic(
            is_up=True,
            frontier=desk.frontier.depths(),
            paused_hosts=len(desk.frontier.paused(now)),
            spool=desk.spool.depths(),
            messages={queue: int(str(desk.redis.llen(queue))) for queue in queues},
            silent_s={queue: max(0.0, now - float(sign)) for queue, sign in signs.items() if isinstance(sign, bytes)},
            totals=totals(desk.redis),
            timings=timings(desk.redis),
        )
    except RedisError:
        return Traffic()
