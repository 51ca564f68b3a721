"""What all ledgers do alike: the writes, as changes of rows. Where rows are kept is each backend's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from worker.model.records import Admission, CrawlResult, Row, Target
from worker.storage import row_transitions

#: Given a row's id and how it stands (None: there is none), how it shall stand; None leaves it as it is.
Change = Callable[[str, Row | None], Row | None]


class RowChanges(ABC):
    """The writing half of `ports.Ledger`, for backends that can change rows without losing another's change."""

    @abstractmethod
    def _change(self, ids: Iterable[str], change: Change) -> None:
        """Apply `change` to each row once, and return when the results are durable.

        Where another writer came between, it is called again with what that one wrote: the last call for an id counts.
        """

    def admit(self, targets: Sequence[Target], now: datetime) -> list[Admission]:
        wanted: dict[str, Target] = {}
        for target in targets:
            wanted.setdefault(target.id, target)
        admissions: dict[str, Admission] = {}

        def change(id: str, row: Row | None) -> Row | None:
            admissions[id] = row_transitions.admit(row, wanted[id], now)
            return admissions[id].row if admissions[id].is_queued else None

        self._change(wanted, change)
        return [_answer_once(admissions, target.id) for target in targets]

    def finish(self, results: Sequence[CrawlResult]) -> list[bool]:
        wanted: dict[str, list[int]] = {}
        for n, crawl_result in enumerate(results):
            wanted.setdefault(crawl_result.id, []).append(n)
        answers = [False] * len(results)

        def change(id: str, row: Row | None) -> Row | None:
            ended = None
            for n in wanted[id]:
                finished = row_transitions.finish(ended or row, results[n])
                answers[n] = finished is not None
                ended = finished or ended
            return ended

        self._change(wanted, change)
        return answers

    def tombstone(self, ids: Sequence[str], now: datetime, *, reason: str, detail: str) -> list[bool]:
        there: dict[str, bool] = {}

        def change(id: str, row: Row | None) -> Row | None:
            there[id] = row is not None
            return row_transitions.tombstone(row, now, reason, detail)

        self._change(ids, change)
        return [there[id] for id in ids]

    def move(self, id: str, crawl: int, url: str, host: str) -> Row | None:
        moved: list[Row | None] = [None]

        def change(_: str, row: Row | None) -> Row | None:
            moved[0] = row_transitions.move(row, crawl, url, host)
            return moved[0]

        self._change([id], change)
        return moved[0]

    def update_content_hash(self, refiled: Sequence[Row]) -> list[bool]:
        wanted = {row.id: row for row in refiled}
        taken: dict[str, bool] = {}

        def change(id: str, row: Row | None) -> Row | None:
            changed = row_transitions.update_content_hash(row, wanted[id])
            taken[id] = changed is not None
            return changed

        self._change(wanted, change)
        return [taken[row.id] for row in refiled]

    def touch(self, ids: Sequence[str], now: datetime) -> None:
        self._change(ids, lambda _, row: row_transitions.touch(row, now))


def _answer_once(admissions: dict[str, Admission], id: str) -> Admission:
    """The admission of a row; `known` from the second time on."""
    admission = admissions[id]
    admissions[id] = Admission(verdict="known", row=admission.row)
    return admission
