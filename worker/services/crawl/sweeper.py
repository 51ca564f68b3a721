"""Redis is transport and may lose what it carries; the ledger is the truth. What stays queued too long is put back."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome, Row
from worker.services.context import AppContext
from worker.services.intake.submit import enqueue
from worker.services.ledger.crawl_result import crawl_result

log = logging.getLogger(__name__)
BATCH = 500
FOR_S = 10.0


def sweep(context: AppContext) -> int:
    """Queue again what waits in the ledger but nowhere else. Returns how many rows were missing from Redis.

    Looks at all that waits, for at most `FOR_S`, and goes on with the next sweep where this one stopped: rows that
    rightly wait for a slow host must not hide those that were lost.
    """
    context.ledger.refresh()
    before = context.now() - timedelta(seconds=context.settings.sweep_after_s)
    lost, until = 0, time.monotonic() + FOR_S
    after = _remembered(context)
    while time.monotonic() < until:
        rows = context.ledger.waiting(before, BATCH, after)
        lost += _put_back(context, [r for r in rows if not _is_under_way(context, r)])
        after = rows[-1] if len(rows) == BATCH else None
        if after is None:
            break
    _remember(context, after)
    return lost


def _put_back(context: AppContext, lost: list[Row]) -> int:
    most = context.settings.sweep_attempts
    context.ledger.finish([_give_up(context, r) for r in lost if r.attempts >= most])
    again = [r for r in lost if r.attempts < most]
    if again and enqueue(context, again):
        context.ledger.touch([r.id for r in again], context.now())
        log.warning("Queued %d URLs again that Redis did not have any more", len(again))
    return len(lost)


def _remembered(context: AppContext) -> Row | None:
    """The row behind which the last sweep stopped, as it stands now; None: begin with the oldest."""
    id = context.redis.get(context.keys.sweep_position)
    row = context.ledger.get([id.decode()])[0] if isinstance(id, bytes) else None
    return row if row and row.queued_at else None


def _remember(context: AppContext, row: Row | None) -> None:
    if row:
        context.redis.set(context.keys.sweep_position, row.id)
    else:
        context.redis.delete(context.keys.sweep_position)


def _is_under_way(context: AppContext, row: Row) -> bool:
    return context.frontier.contains(row.host, row.id) or context.spool.contains(row.id)


def _give_up(context: AppContext, row: Row) -> CrawlResult:
    detail = f"queued {row.attempts + 1} times and never finished; the logs of the workers may say why"
    return crawl_result(context, row, Outcome.FAILED, Reason.NEVER_FINISHED, detail)
