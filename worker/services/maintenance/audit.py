"""Hold ledger, index and queues against each other: every accepted URL has its row, every row its document or its
reason, every document its row."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from worker.model.records import Outcome, Row, State
from worker.services.context import AppContext

SHOWN = 20  # differences that are named one by one
BATCH = 500
MOMENT_S = 0.5


@dataclass(slots=True)
class Audit:
    """Counts of both sides, and what does not fit. `is_clean` is what the exit code goes by."""

    rows: int = 0
    queued: int = 0
    finished: int = 0
    with_document: int = 0
    documents: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0

    @property
    def is_clean(self) -> bool:
        return self.problem_count == 0

    def note(self, problem: str) -> None:
        self.problem_count += 1
        if len(self.problems) < SHOWN:
            self.problems.append(problem)


def audit(context: AppContext) -> Audit:
    """Read everything once. Rows that change meanwhile are looked at again before they count as a problem."""
    context.ledger.refresh()
    context.index.refresh()
    result = Audit()
    filed = set(context.index.ids())
    result.documents = len(filed)
    owners = _check_rows(context, filed, result)
    for start in range(0, len(unclaimed := sorted(filed - owners)), BATCH):
        _look_again(context, unclaimed[start : start + BATCH], result)
    return result


def _check_rows(context: AppContext, filed: set[str], result: Audit) -> set[str]:
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
            if row.id not in filed:
                suspects.append(row.id)
        elif row.state is State.FINISHED and row.outcome in (Outcome.INDEXED, Outcome.DUPLICATE):
            suspects.append(row.id)
    for start in range(0, len(suspects), BATCH):
        _look_again(context, suspects[start : start + BATCH], result)
    return owners


def _look_again(context: AppContext, ids: list[str], result: Audit) -> None:
    """Twice: between document and row there is always a moment in which one is ahead of the other."""
    if odd := _problems(context, ids):
        time.sleep(MOMENT_S)
        for problem in _problems(context, list(odd)).values():
            result.note(problem)


def _problems(context: AppContext, ids: list[str]) -> dict[str, str]:
    documents, rows = context.index.get(ids), context.ledger.get(ids)
    found = (
        (id, _problem(context, id, row, document is not None))
        for id, row, document in zip(ids, rows, documents, strict=True)
    )
    return {id: problem for id, problem in found if problem}


def _problem(context: AppContext, id: str, row: Row | None, has_document: bool) -> str | None:
    if has_document and (row is None or (row.article_id != id and row.state is State.FINISHED)):
        return f"document {id} has no row that claims it"
    return _broken_claim(context, row, has_document) if row else None


def _broken_claim(context: AppContext, row: Row, has_document: bool) -> str | None:
    if row.article_id == row.id:
        return None if has_document else f"{row.url}: the row claims a document that is not in the index"
    if row.state is State.QUEUED:
        return None
    if row.outcome is Outcome.INDEXED:
        return f"{row.url}: finished as indexed without a document"
    if row.outcome is Outcome.DUPLICATE and (not row.article_id or context.ledger.get([row.article_id]) == [None]):
        return f"{row.url}: finished as duplicate of a row that does not exist"
    return None
