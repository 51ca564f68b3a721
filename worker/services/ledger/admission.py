"""The one door into the ledger: what was taken down does not come in again, whoever asks."""

from __future__ import annotations

from collections.abc import Sequence

from worker.model.reasons import Reason
from worker.model.records import Admission, Row, Target
from worker.services.context import AppContext

ON_DEMAND = "taken down on demand"  #: where nobody said why


def admit(context: AppContext, targets: Sequence[Target]) -> list[Admission]:
    """`Ledger.admit`, one answer each, in order; `blocked` for a URL that was taken down, with its row as it stands."""
    blocked = context.catalog.blocklist.blocked([t.id for t in targets])
    free = iter(context.ledger.admit([t for t in targets if t.id not in blocked], context.now()))
    return [
        Admission(verdict="blocked", row=_blocked_row(context, t)) if t.id in blocked else next(free) for t in targets
    ]


def again(row: Row) -> Target:
    """A row as a target, to be crawled once more: by its own id, whatever the rules of spelling say today."""
    return Target(id=row.id, url=row.url, canonical_url=row.canonical_url, host=row.host, source=row.source, force=True)


def _blocked_row(context: AppContext, target: Target) -> Row:
    return context.ledger.get([target.id])[0] or settled_row(
        context, target, Reason.TAKEN_DOWN, "its address is blocked"
    )


def settled_row(context: AppContext, target: Target, reason: Reason, detail: str) -> Row:
    """A row for a URL that is to be known and never to be crawled."""
    context.ledger.admit([target], context.now())
    context.ledger.tombstone([target.id], context.now(), reason=reason, detail=detail)
    row = context.ledger.get([target.id])[0]
    assert row is not None  # rows that were just written are only ever forgotten on demand
    return row
