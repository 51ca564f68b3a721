"""The one door into the ledger: what was taken down does not come in again, whoever asks."""

from __future__ import annotations

from collections.abc import Sequence

from worker.desk.parts import Desk
from worker.records import Admission, Row, Target

TAKEN_DOWN, REMOVED, EXPIRED, NOT_LISTED = "taken-down", "removed", "expired", "noindex"
LET_GO = (TAKEN_DOWN, REMOVED, EXPIRED, NOT_LISTED)  #: reasons of rows whose article was let go on purpose
ON_DEMAND = "taken down on demand"  #: where nobody said why


def admit(desk: Desk, targets: Sequence[Target]) -> list[Admission]:
    """`Ledger.admit`, one answer each, in order; `blocked` for a URL that was taken down, with its row as it stands."""
    blocked = desk.catalog.blocklist.blocked([t.id for t in targets])
    free = iter(desk.ledger.admit([t for t in targets if t.id not in blocked], desk.now()))
    return [Admission(verdict="blocked", row=_blocked_row(desk, t)) if t.id in blocked else next(free) for t in targets]


def again(row: Row) -> Target:
    """A row as a target, to be crawled once more: by its own id, whatever the rules of spelling say today."""
    return Target(id=row.id, url=row.url, canonical_url=row.canonical_url, host=row.host, source=row.source, force=True)


def _blocked_row(desk: Desk, target: Target) -> Row:
    return desk.ledger.get([target.id])[0] or settled_row(desk, target, TAKEN_DOWN, "its address is blocked")


def settled_row(desk: Desk, target: Target, reason: str, detail: str) -> Row:
    """A row for a URL that is to be known and never to be crawled."""
    desk.ledger.admit([target], desk.now())
    desk.ledger.retire([target.id], desk.now(), reason=reason, detail=detail)
    row = desk.ledger.get([target.id])[0]
    assert row is not None  # rows that were just written are only ever forgotten on demand
    return row
