"""What people look up: one address or id, and how the whole stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from worker import urls
from worker.desk.chains import chain, claims
from worker.desk.parts import Desk
from worker.desk.rates import lately
from worker.errors import BadInput
from worker.records import Document, Outcome, Row, State

ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    ledger: Mapping[str, int]  #: `Ledger.counts`
    documents: int
    frontier: Mapping[str, int]
    spool: Mapping[str, int]
    rates: Mapping[str, int]  #: of the last minute, by kind


def identify(url_or_id: str) -> str:
    """The row id of what a user gave. `BadInput` if it is neither."""
    if ID.fullmatch(url_or_id):
        return url_or_id
    try:
        return urls.url_id(urls.canonicalize(url_or_id))
    except BadInput:
        raise BadInput(f"{url_or_id!r} is neither a web address nor an id of 32 hex digits") from None


def row(desk: Desk, id: str) -> Row | None:
    return desk.ledger.get([id])[0]


def document(desk: Desk, id: str) -> Document | None:
    """The article at that row, or the one that the row is a duplicate of."""
    start = row(desk, id)
    found = desk.index.get([r.id for r in claims(desk, start)] if start else [id])
    return next((d for d in found if d), None)


def settled(desk: Desk, row: Row) -> Row | None:
    """Where the row's chain of duplicates ends, once all of it is settled; None while something is still queued."""
    rows = list(chain(desk, row))
    return rows[-1] if all(r.state is State.SETTLED for r in rows) else None


def is_rejected_by_reading(row: Row) -> bool:
    """Whether the page was read and is no story: `copydesk explain` shows why."""
    return row.outcome is Outcome.REJECTED and (row.reason == "no-text" or str(row.reason).endswith("-page"))


def status(desk: Desk) -> Status:
    desk.ledger.refresh()
    desk.index.refresh()
    return Status(
        ledger=desk.ledger.counts(),
        documents=desk.index.count(),
        frontier=desk.frontier.depths(),
        spool=desk.spool.depths(),
        rates=lately(desk.redis, desk.now()),
    )
