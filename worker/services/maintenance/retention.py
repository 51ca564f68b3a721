"""Retention: delete old articles by age, by number, or both. Their rows stay, so that they do not come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from redis.exceptions import RedisError

from worker.errors import Unavailable
from worker.model.reasons import Reason
from worker.model.records import Row
from worker.services.articles.takedown import announce_gone, withdraw
from worker.services.context import AppContext

BATCH = 200


def retain(context: AppContext, *, for_s: float = 20.0) -> int:
    """Delete expired articles for about `for_s` seconds. Return their number; the next call deletes the rest.

    Expired are articles older than `retention_days`, and the oldest beyond `retention_max_articles`. The age counts
    from when the URL was first seen.
    """
    until, deleted = context.now().timestamp() + for_s, 0
    while context.now().timestamp() < until and (rows := _expired(context)):
        deleted += _delete(context, rows)
    return deleted


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


def _delete(context: AppContext, rows: Sequence[Row]) -> int:
    ids = [row.id for row in rows]
    try:
        announce_gone(context, [d for d in context.index.get(ids) if d])
    except RedisError as e:
        raise Unavailable(f"Retention postponed, Redis does not answer: {e}") from e
    detail = "deleted by age or number: retention_days, retention_max_articles"
    withdraw(context, ids, reason=Reason.EXPIRED, detail=detail)
    return len(ids)
