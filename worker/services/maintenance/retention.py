"""Let old articles go: by age, by number, or both. Rows stay, so that what is gone does not come in again by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from redis.exceptions import RedisError

from worker.errors import Unavailable
from worker.model.reasons import Reason
from worker.model.records import Row
from worker.services.articles.takedown import announce, withdraw
from worker.services.context import AppContext

BATCH = 200


def retain(context: AppContext, *, for_s: float = 20.0) -> int:
    """Remove what is older than `retention_days` and what is beyond `retention_max_articles`, counted from when its URL
    was first seen, for about that long. Returns how many articles went; the rest goes at the next call."""
    until, gone = context.now().timestamp() + for_s, 0
    while context.now().timestamp() < until and (rows := _expired(context)):
        gone += _let_go(context, rows)
    return gone


def _expired(context: AppContext) -> list[Row]:
    settings = context.settings
    context.ledger.refresh()
    if settings.retention_days:
        before = context.now() - timedelta(days=settings.retention_days)
        if rows := context.ledger.aged(before, BATCH):
            return rows
    if settings.retention_max_articles:
        context.index.refresh()
        excess = context.index.count() - settings.retention_max_articles
        if excess > 0:
            return context.ledger.aged(context.now(), min(excess, BATCH))
    return []


def _let_go(context: AppContext, rows: Sequence[Row]) -> int:
    ids = [row.id for row in rows]
    try:
        announce(context, [d for d in context.index.get(ids) if d])
    except RedisError as e:
        raise Unavailable(f"the broker does not answer, so nothing expires now: {e}") from e
    withdraw(
        context, ids, reason=Reason.EXPIRED, detail="removed by age or number: retention_days, retention_max_articles"
    )
    return len(ids)
