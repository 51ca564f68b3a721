"""Let old articles go: by age, by number, or both. Rows stay, so that what is gone does not come in again by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from redis.exceptions import RedisError

from worker.desk.admitting import EXPIRED
from worker.desk.parts import Desk
from worker.desk.removing import announce, withdraw
from worker.errors import Unavailable
from worker.records import Row

BATCH = 200


def retain(desk: Desk, *, for_s: float = 20.0) -> int:
    """Remove what is older than `retention_days` and what is beyond `retention_max_articles`, counted from when its URL
    was first seen, for about that long. Returns how many articles went; the rest goes at the next call."""
    until, gone = desk.now().timestamp() + for_s, 0
    while desk.now().timestamp() < until and (rows := _expired(desk)):
        gone += _let_go(desk, rows)
    return gone


def _expired(desk: Desk) -> list[Row]:
    settings = desk.settings
    desk.ledger.refresh()
    if settings.retention_days:
        before = desk.now() - timedelta(days=settings.retention_days)
        if rows := desk.ledger.aged(before, BATCH):
            return rows
    if settings.retention_max_articles:
        desk.index.refresh()
        excess = desk.index.count() - settings.retention_max_articles
        if excess > 0:
            return desk.ledger.aged(desk.now(), min(excess, BATCH))
    return []


def _let_go(desk: Desk, rows: Sequence[Row]) -> int:
    ids = [row.id for row in rows]
    try:
        announce(desk, [d for d in desk.index.get(ids) if d])
    except RedisError as e:
        raise Unavailable(f"the broker does not answer, so nothing expires now: {e}") from e
    withdraw(desk, ids, reason=EXPIRED, detail="removed by age or number: retention_days, retention_max_articles")
    return len(ids)
