"""Audit: compare ledger and index. Every row has its document or its reason, and every document has its row."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from worker.model.records import Outcome, Row, State
from worker.services.context import AppContext

MAX_SHOWN = 20  # number of problems that are listed
BATCH = 500
PAUSE_S = 0.5  # before a problem is checked again


@dataclass(slots=True)
class Audit:
    """Counts of both sides, and the differences between them."""

    rows: int = 0
    queued: int = 0
    finished: int = 0
    with_document: int = 0
    documents: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)  #: the first problems found
    problem_count: int = 0

    @property
    def is_clean(self) -> bool:
        """True if there are no problems."""
        return self.problem_count == 0

    def note(self, problem: str) -> None:
        """Add a problem."""
        self.problem_count += 1
        if len(self.problems) < MAX_SHOWN:
            self.problems.append(problem)


def audit(context: AppContext) -> Audit:
    """Read everything once. A problem counts only if it is still there when its row is read again."""
    context.ledger.refresh()
    context.index.refresh()
    result = Audit()
    indexed = set(context.index.ids())
    result.documents = len(indexed)
    owners = _check_rows(context, indexed, result)
    for start in range(0, len(unclaimed := sorted(indexed - owners)), BATCH):
        _check_again(context, unclaimed[start : start + BATCH], result)
    return result


def _check_rows(context: AppContext, indexed: set[str], result: Audit) -> set[str]:
    owners, suspects = set[str](), list[str]()
    for row in context.ledger.scan():
        result.rows += 1
        result.queued += row.state is State.QUEUED
        result.finished += row.state is State.FINISHED
        if row.state is State.FINISHED:
            result.outcomes[str(row.outcome)] += 1
        if row.article_id == row.id:
            result.with_document += 1
            owners.add(row.id)
            if row.id not in indexed:
                suspects.append(row.id)
        elif row.state is State.FINISHED and row.outcome in (Outcome.INDEXED, Outcome.DUPLICATE):
            suspects.append(row.id)
    for start in range(0, len(suspects), BATCH):
        _check_again(context, suspects[start : start + BATCH], result)
    return owners


def _check_again(context: AppContext, ids: list[str], result: Audit) -> None:
    """Check twice: document and row are written one after the other, so they differ for a moment."""
    if suspects := _problems(context, ids):
        time.sleep(PAUSE_S)
        for problem in _problems(context, list(suspects)).values():
            result.note(problem)


def _problems(context: AppContext, ids: Sequence[str]) -> dict[str, str]:
    documents, rows = context.index.get(ids), context.ledger.get(ids)
    owner_ids = {row.article_id for row in rows if row and row.outcome is Outcome.DUPLICATE and row.article_id}
    known = {row.id for row in context.ledger.get(sorted(owner_ids)) if row} if owner_ids else set()
    found = (
        (id, _problem(id, row, document is not None, known))
        for id, row, document in zip(ids, rows, documents, strict=True)
    )
    return {id: problem for id, problem in found if problem}


def _problem(id: str, row: Row | None, has_document: bool, known: AbstractSet[str]) -> str | None:
    if has_document and (row is None or (row.article_id != id and row.state is State.FINISHED)):
        return f"document {id} has no row"
    return _row_problem(row, has_document, known) if row else None


def _row_problem(row: Row, has_document: bool, known: AbstractSet[str]) -> str | None:
    if row.article_id == row.id:
        return None if has_document else f"{row.url}: the document of the row is not in the index"
    if row.state is State.QUEUED:
        return None
    if row.outcome is Outcome.INDEXED:
        return f"{row.url}: finished as indexed without a document"
    if row.outcome is Outcome.DUPLICATE and row.article_id not in known:
        return f"{row.url}: finished as duplicate of a row that does not exist"
    return None
