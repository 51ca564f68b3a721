"""Admission to the ledger. Every new row passes through here, so that blocked URLs are refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from worker.model.reasons import Reason
from worker.model.records import Admission, Row, Target
from worker.services.context import AppContext

ON_DEMAND = "taken down on demand"  #: the detail of a takedown for which the user gives no reason


def admit(context: AppContext, targets: Sequence[Target], *, now: datetime | None = None) -> list[Admission]:
    """Admit targets to the ledger and return one admission each, in order. `now` defaults to the current time.

    The verdict of a blocked URL is `blocked`; its row is created if it is missing.
    """
    if not targets:
        return []
    blocked = context.catalog.blocklist.blocked([t.id for t in targets])
    admissions = iter(context.ledger.admit([t for t in targets if t.id not in blocked], now or context.now()))
    refused = _blocked_rows(context, [t for t in targets if t.id in blocked]) if blocked else {}
    return [Admission(verdict="blocked", row=refused[t.id]) if t.id in blocked else next(admissions) for t in targets]


def again(row: Row) -> Target:
    """Return a target that crawls a row again. It keeps the row's id, even if the URL rules have changed since."""
    return Target(id=row.id, url=row.url, canonical_url=row.canonical_url, host=row.host, source=row.source, force=True)


def create_finished(context: AppContext, targets: Sequence[Target], reason: Reason, detail: str) -> list[Row]:
    """Create rows that are never crawled; return them in order."""
    ids = [target.id for target in targets]
    context.ledger.admit(targets, context.now())
    context.ledger.tombstone(ids, context.now(), reason=reason, detail=detail)
    return [row for row in context.ledger.get(ids) if row]


def _blocked_rows(context: AppContext, targets: Sequence[Target]) -> dict[str, Row]:
    rows = {row.id: row for row in context.ledger.get([t.id for t in targets]) if row}
    if missing := [t for t in targets if t.id not in rows]:
        created = create_finished(context, missing, Reason.TAKEN_DOWN, "the URL is blocked")
        rows |= {row.id: row for row in created}
    return rows
