"""Redis is transport and may lose what it carries; the ledger is the truth. What stays queued too long is put back."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from worker.desk.adding import enqueue
from worker.desk.parts import Desk
from worker.desk.settling import settlement
from worker.records import Outcome, Row, Settlement

log = logging.getLogger(__name__)
BATCH = 500
FOR_S = 10.0
MARK = "copydesk:sweep:after"


def sweep(desk: Desk) -> int:
    """Queue again what waits in the ledger but nowhere else. Returns how many rows were missing from Redis.

    Looks at all that waits, for at most `FOR_S`, and goes on with the next sweep where this one stopped: rows that
    rightly wait for a slow host must not hide those that were lost.
    """
    desk.ledger.refresh()
    before = desk.now() - timedelta(seconds=desk.settings.sweep_after_s)
    lost, until = 0, time.monotonic() + FOR_S
    after = _remembered(desk)
    while time.monotonic() < until:
        rows = desk.ledger.waiting(before, BATCH, after)
        lost += _put_back(desk, [r for r in rows if not _is_under_way(desk, r)])
        after = rows[-1] if len(rows) == BATCH else None
        if after is None:
            break
    _remember(desk, after)
    return lost


def _put_back(desk: Desk, lost: list[Row]) -> int:
    most = desk.settings.sweep_attempts
    desk.ledger.settle([_give_up(desk, r) for r in lost if r.attempts >= most])
    again = [r for r in lost if r.attempts < most]
    if again and enqueue(desk, again):
        desk.ledger.touch([r.id for r in again], desk.now())
        log.warning("Queued %d URLs again that Redis did not have any more", len(again))
    return len(lost)


def _remembered(desk: Desk) -> Row | None:
    """The row behind which the last sweep stopped, as it stands now; None: begin with the oldest."""
    id = desk.redis.get(MARK)
    row = desk.ledger.get([id.decode()])[0] if isinstance(id, bytes) else None
    return row if row and row.queued_at else None


def _remember(desk: Desk, row: Row | None) -> None:
    if row:
        desk.redis.set(MARK, row.id)
    else:
        desk.redis.delete(MARK)


def _is_under_way(desk: Desk, row: Row) -> bool:
    return desk.frontier.contains(row.host, row.id) or desk.spool.contains(row.id)


def _give_up(desk: Desk, row: Row) -> Settlement:
    detail = f"queued {row.attempts + 1} times and never finished; the logs of the workers may say why"
    return settlement(desk, row, Outcome.FAILED, "never-finished", detail)
