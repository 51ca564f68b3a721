"""Redis is transport and may lose what it carries; the ledger is the truth. What stays queued too long is put back."""

from __future__ import annotations

import logging
from datetime import timedelta

from worker.desk.adding import enqueue
from worker.desk.parts import Desk
from worker.records import Outcome, Row, Settlement

log = logging.getLogger(__name__)
BATCH = 500


def sweep(desk: Desk) -> int:
    """Queue again what waits in the ledger but nowhere else. Returns how many rows were missing from Redis."""
    desk.ledger.refresh()
    before = desk.now() - timedelta(seconds=desk.settings.sweep_after_s)
    lost = [r for r in desk.ledger.waiting(before, BATCH) if not _is_under_way(desk, r)]
    given_up = [r for r in lost if r.attempts >= desk.settings.sweep_attempts]
    again = [r for r in lost if r.attempts < desk.settings.sweep_attempts]
    desk.ledger.settle([_give_up(desk, r) for r in given_up])
    if again and enqueue(desk, again):
        desk.ledger.touch([r.id for r in again], desk.now())
        log.warning("Queued %d URLs again that Redis did not have any more", len(again))
    return len(lost)


def _is_under_way(desk: Desk, row: Row) -> bool:
    return desk.frontier.contains(row.host, row.id) or desk.spool.contains(row.id)


def _give_up(desk: Desk, row: Row) -> Settlement:
    detail = f"queued {row.attempts + 1} times and never finished; the logs of the workers may say why"
    return Settlement(
        id=row.id,
        crawl=row.crawl,
        outcome=Outcome.FAILED,
        settled_at=desk.now(),
        reason="never-finished",
        detail=detail,
    )
