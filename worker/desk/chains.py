"""Where duplicates lead: from a row to the row that its redirect or canonical link made it a duplicate of, and on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.desk.parts import Desk
from worker.records import Outcome, Row, Settlement, State

LONGEST = 20


def chain(desk: Desk, row: Row, pending: Mapping[str, Settlement] | None = None) -> Iterator[Row]:
    """The row itself and each that follows, ending before a row would come again. `pending` are settlements that are
    decided and not yet written."""
    seen: set[str] = set()
    current: Row | None = row
    while current is not None and current.id not in seen and len(seen) < LONGEST:
        seen.add(current.id)
        yield current
        following = _next(current, (pending or {}).get(current.id))
        current = desk.ledger.get([following])[0] if following else None


def _next(row: Row, pending: Settlement | None) -> str | None:
    """The id of the row that this one is a duplicate of."""
    if pending is not None:
        return pending.article_id if pending.outcome is Outcome.DUPLICATE else None
    return row.article_id if row.state is State.SETTLED and row.outcome is Outcome.DUPLICATE else None


def claims(desk: Desk, row: Row) -> list[Row]:
    """The row and those by which it comes to its article, also while one of them is crawled again or when its last
    crawl has failed: what a row once led to is its article until it leads elsewhere."""
    found = [row]
    while len(found) < LONGEST and (following := found[-1].article_id) not in (None, *(r.id for r in found)):
        if (current := desk.ledger.get([str(following)])[0]) is None:
            break
        found.append(current)
    return found


def leads_to(desk: Desk, start: Row, id: str, pending: Mapping[str, Settlement] | None = None) -> bool:
    """Whether the chain from `start` comes to that row."""
    return any(row.id == id for row in chain(desk, start, pending))


def end(desk: Desk, row: Row) -> Row | None:
    """The row that the chain ends in; None where it only goes round, or leads to a row that is not there."""
    last = row
    for current in chain(desk, row):
        last = current
    return None if _next(last, None) else last
