"""Where duplicates lead: from a row to the row that its redirect or canonical link made it a duplicate of, and on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.model.records import CrawlResult, Outcome, Row, State
from worker.services.context import AppContext

LONGEST = 20


def chain(context: AppContext, row: Row, pending: Mapping[str, CrawlResult] | None = None) -> Iterator[Row]:
    """The row itself and each that follows, ending before a row would come again. `pending` are settlements that are
    decided and not yet written."""
    seen: set[str] = set()
    current: Row | None = row
    while current is not None and current.id not in seen and len(seen) < LONGEST:
        seen.add(current.id)
        yield current
        following = _next(current, (pending or {}).get(current.id))
        current = context.ledger.get([following])[0] if following else None


def _next(row: Row, pending: CrawlResult | None) -> str | None:
    """The id of the row that this one is a duplicate of."""
    if pending is not None:
        return pending.article_id if pending.outcome is Outcome.DUPLICATE else None
    return row.article_id if row.state is State.FINISHED and row.outcome is Outcome.DUPLICATE else None


def claims(context: AppContext, row: Row) -> list[Row]:
    """The row and those by which it comes to its article, also while one of them is crawled again or when its last
    crawl has failed: what a row once led to is its article until it leads elsewhere."""
    found = [row]
    while len(found) < LONGEST and (following := found[-1].article_id) not in (None, *(r.id for r in found)):
        if (current := context.ledger.get([str(following)])[0]) is None:
            break
        found.append(current)
    return found


def leads_to(context: AppContext, start: Row, id: str, pending: Mapping[str, CrawlResult] | None = None) -> bool:
    """Whether the chain from `start` comes to that row."""
    return any(row.id == id for row in chain(context, start, pending))


def end(context: AppContext, row: Row) -> Row | None:
    """The row that the chain ends in; None where it only goes round, or leads to a row that is not there."""
    last = row
    for current in chain(context, row):
        last = current
    return None if _next(last, None) else last
