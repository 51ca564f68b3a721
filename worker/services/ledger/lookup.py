"""Look up a URL or an id: its row, its article, and the status of the whole installation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from worker import urls
from worker.errors import BadInput
from worker.model.reasons import Reason, Stage
from worker.model.records import Document, Outcome, Row, State
from worker.services.context import AppContext
from worker.services.ledger.duplicates import chain, rows_of_article

ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Numbers of rows, documents and waiting work."""

    ledger: Mapping[str, int]  #: numbers of rows, see `Ledger.counts`
    documents: int
    frontier: Mapping[str, int]
    spool: Mapping[str, int]
    rates: Mapping[str, int]  #: of the last minute, by kind


def identify(url_or_id: str) -> str:
    """Return the row id of a URL or id that a user gives. Raises `BadInput` if it is neither."""
    if ID.fullmatch(url_or_id):
        return url_or_id
    try:
        return urls.url_id(urls.canonicalize(url_or_id))
    except BadInput:
        raise BadInput(f"{url_or_id!r} is neither a web address nor an id of 32 hex digits") from None


def row(context: AppContext, id: str) -> Row | None:
    """Return a row by id."""
    return context.ledger.get([id])[0]


def document(context: AppContext, id: str) -> Document | None:
    """Return the article of a row, or the one that the row is a duplicate of."""
    start = row(context, id)
    found = context.index.get([r.id for r in rows_of_article(context, start)] if start else [id])
    return next((d for d in found if d), None)


def finished(context: AppContext, row: Row) -> Row | None:
    """Return the last row of the chain of duplicates, or None while a row of the chain is queued."""
    rows = chain(context, row)
    return rows[-1] if all(r.state is State.FINISHED for r in rows) else None


def is_rejected_by_reading(row: Row) -> bool:
    """Return True if the page was read and is not an article: `copydesk explain` shows why."""
    if row.outcome is not Outcome.REJECTED or row.reason is None:
        return False
    return row.reason.stage is Stage.READ and row.reason is not Reason.UNREADABLE


def status(context: AppContext) -> Status:
    """Return the status of the whole installation."""
    context.ledger.refresh()
    context.index.refresh()
    return Status(
        ledger=context.ledger.counts(),
        documents=context.index.count(),
        frontier=context.frontier.depths(),
        spool=context.spool.depths(),
        rates=context.telemetry.last_minute(context.now()),
    )
