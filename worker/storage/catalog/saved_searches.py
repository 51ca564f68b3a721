"""Saved searches: queries that go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from worker.model.catalog import SavedSearch
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore


class SavedSearches:
    def __init__(self, document_store: DocumentStore) -> None:
        self._searches = Collection(document_store, "searches", SavedSearch, key=lambda s: s.id)

    def add(self, search: SavedSearch) -> None:
        """`BadInput` where the id is taken."""
        self._searches.add(search)

    def get(self, id: str) -> SavedSearch | None:
        return self._searches.get(id)

    def all(self) -> Iterator[SavedSearch]:
        return self._searches.all()

    def change(self, id: str, change: Callable[[SavedSearch], SavedSearch]) -> SavedSearch | None:
        """The search as changed; None where there is none. `change` must keep the id."""
        return self._searches.edit(id, change)

    def remove(self, id: str) -> bool:
        return bool(self._searches.delete([id]))

    def sent(self, id: str, at: datetime) -> None:
        """Note deliveries that its webhook took."""
        self._searches.edit(id, lambda s: replace(s, last_sent_at=at, failures_in_row=0, problem=None))

    def failed(self, id: str, problem: str, most: int) -> SavedSearch | None:
        """Note a try that its webhook did not take; with the `most`th in a row the search is paused."""

        def count(search: SavedSearch) -> SavedSearch:
            failures = search.failures_in_row + 1
            return replace(search, failures_in_row=failures, problem=problem, paused=search.paused or failures >= most)

        return self._searches.edit(id, count)

    def resume(self, id: str) -> SavedSearch | None:
        """Begin anew; None where there is none."""
        return self._searches.edit(id, lambda s: replace(s, paused=False, failures_in_row=0, problem=None))
