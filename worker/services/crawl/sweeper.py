"""The sweeper: URLs that are queued in the ledger but missing in Redis are queued again.

Redis may lose its data; the ledger is authoritative.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome, Row
from worker.services.context import AppContext
from worker.services.intake.submit import enqueue
from worker.services.ledger.lifecycle import crawl_result

log = logging.getLogger(__name__)
BATCH = 500
MAX_S = 10.0


def sweep(context: AppContext) -> int:
    """Queue rows again that are queued in the ledger but missing in Redis. Return their number.

    It looks at all waiting rows, for at most `MAX_S`. The next sweep continues where this one stopped: rows that
    rightly wait for a slow host must not hide lost ones.
    """
    context.ledger.refresh()
    before = context.now() - timedelta(seconds=context.settings.sweep_after_s)
    lost, until = 0, time.monotonic() + MAX_S
    after = _load_position(context)
    while time.monotonic() < until:
        rows = context.ledger.waiting(before, BATCH, after)
        lost += _queue_again(context, _lost(context, rows))
        after = rows[-1] if len(rows) == BATCH else None
        if after is None:
            break
    _save_position(context, after)
    return lost


def _lost(context: AppContext, rows: list[Row]) -> list[Row]:
    """Return the rows that are neither in the frontier nor in the spool."""
    queued = context.frontier.contain([(row.host, row.id) for row in rows])
    rest = [row for row, is_queued in zip(rows, queued, strict=True) if not is_queued]
    spooled = context.spool.contained([row.id for row in rest])
    return [row for row in rest if row.id not in spooled]


def _queue_again(context: AppContext, lost: list[Row]) -> int:
    max_attempts = context.settings.sweep_attempts
    context.ledger.finish([_give_up(context, r) for r in lost if r.attempts >= max_attempts])
    again = [r for r in lost if r.attempts < max_attempts]
    if again and enqueue(context, again):
        context.ledger.touch([r.id for r in again], context.now())
        log.warning("Queued %d URLs again that Redis had lost", len(again))
    return len(lost)


def _load_position(context: AppContext) -> Row | None:
    """Return the row after which to continue, in its current state, or None to begin with the oldest."""
    id = context.redis.get(context.keys.sweep_position)
    row = context.ledger.get([id.decode()])[0] if isinstance(id, bytes) else None
    return row if row and row.queued_at else None


def _save_position(context: AppContext, row: Row | None) -> None:
    if row:
        context.redis.set(context.keys.sweep_position, row.id)
    else:
        context.redis.delete(context.keys.sweep_position)


def _give_up(context: AppContext, row: Row) -> CrawlResult:
    detail = f"Queued {row.attempts + 1} times and never finished. The logs of the workers may say why."
    return crawl_result(context, row, Outcome.FAILED, Reason.NEVER_FINISHED, detail)
