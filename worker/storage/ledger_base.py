"""The writing half of a ledger, shared by the backends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime

from worker.model.reasons import Reason
from worker.model.records import Admission, CrawlResult, Row, Target
from worker.storage import row_transitions
from worker.storage.ports import KEEP, Change, Decision, Keep, Put


class LedgerBase(ABC):
    """The methods of `ports.Ledger` that change rows, on top of one compare-and-set method of the backend."""

    @abstractmethod
    def _change(self, ids: Iterable[str], change: Change[Row]) -> None:
        """Apply `change` to each row once, and return when the results are durable.

        If another writer changes a row in between, call `change` again with the newer row. The last decision counts.
        """

    def admit(self, targets: Sequence[Target], now: datetime) -> list[Admission]:
        """Implement `ports.Ledger.admit`."""
        by_id: dict[str, Target] = {}
        for target in targets:
            by_id.setdefault(target.id, target)
        admissions: dict[str, Admission] = {}

        def change(id: str, row: Row | None) -> Decision[Row]:
            admissions[id] = row_transitions.admit(row, by_id[id], now)
            return Put(admissions[id].row) if admissions[id].is_queued else KEEP

        self._change(by_id, change)
        return [_take_admission(admissions, target.id) for target in targets]

    def finish(self, results: Sequence[CrawlResult]) -> list[bool]:
        """Implement `ports.Ledger.finish`."""
        by_id: dict[str, list[int]] = {}
        for n, result in enumerate(results):
            by_id.setdefault(result.id, []).append(n)
        is_finished = [False] * len(results)

        def change(id: str, row: Row | None) -> Decision[Row]:
            decision: Decision[Row] = KEEP
            for n in by_id[id]:
                finished = row_transitions.finish(row, results[n])
                is_finished[n] = isinstance(finished, Put)
                if isinstance(finished, Put):
                    row, decision = finished.value, finished
            return decision

        self._change(by_id, change)
        return is_finished

    def tombstone(self, ids: Sequence[str], now: datetime, *, reason: Reason, detail: str) -> list[bool]:
        """Implement `ports.Ledger.tombstone`."""
        decisions = self._decide(ids, lambda _, row: row_transitions.tombstone(row, now, reason, detail))
        return [isinstance(decisions[id], Put) for id in ids]

    def update_content_hash(self, changed: Sequence[Row]) -> list[bool]:
        """Implement `ports.Ledger.update_content_hash`."""
        by_id = {row.id: row for row in changed}
        decisions = self._decide(by_id, lambda id, row: row_transitions.update_content_hash(row, by_id[id]))
        return [isinstance(decisions[row.id], Put) for row in changed]

    def move(self, id: str, crawl: int, url: str, host: str) -> Row | None:
        """Implement `ports.Ledger.move`."""
        decision = self._decide([id], lambda _, row: row_transitions.move(row, crawl, url, host))[id]
        return decision.value if isinstance(decision, Put) else None

    def touch(self, ids: Sequence[str], now: datetime) -> None:
        """Implement `ports.Ledger.touch`."""
        self._change(ids, lambda _, row: row_transitions.touch(row, now))

    def delete(self, ids: Sequence[str]) -> int:
        """Implement `ports.Ledger.delete`."""
        decisions = self._decide(ids, lambda _, row: row_transitions.delete(row))
        return sum(not isinstance(decision, Keep) for decision in decisions.values())

    def _decide(self, ids: Iterable[str], change: Change[Row]) -> dict[str, Decision[Row]]:
        """Apply `change` and return its last decision for each id."""
        decisions: dict[str, Decision[Row]] = {}

        def decide(id: str, row: Row | None) -> Decision[Row]:
            decisions[id] = change(id, row)
            return decisions[id]

        self._change(ids, decide)
        return decisions


def _take_admission(admissions: dict[str, Admission], id: str) -> Admission:
    """Return the admission of a row, and `known` from the second time on."""
    admission = admissions[id]
    admissions[id] = Admission(verdict="known", row=admission.row)
    return admission
