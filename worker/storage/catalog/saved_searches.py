"""Saved searches: queries that are matched against each new article."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from worker.model.catalog import SavedSearch
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore, Put


class SavedSearches:
    """The saved searches, by id."""

    def __init__(self, document_store: DocumentStore) -> None:
        self._searches = Collection(document_store, "searches", SavedSearch, key=lambda s: s.id)

    def add(self, search: SavedSearch) -> None:
        """Add a saved search. Raise `BadInput` if the id is taken."""
        self._searches.add(search)

    def get(self, id: str) -> SavedSearch | None:
        """Return a saved search, or None."""
        return self._searches.get(id)

    def all(self) -> Iterator[SavedSearch]:
        """Yield all saved searches by id."""
        return self._searches.all()

    def change(self, id: str, change: Callable[[SavedSearch], SavedSearch]) -> SavedSearch | None:
        """Edit a saved search and return it, or None if it does not exist. `change` must keep the id."""
        return self._searches.edit(id, lambda search: Put(change(search)))

    def remove(self, id: str) -> bool:
        """Delete a saved search. Return False if it does not exist."""
        return bool(self._searches.delete([id]))

    def sent(self, id: str, at: datetime) -> None:
        """Record that the webhook accepted a delivery."""
        self.change(id, lambda s: replace(s, last_sent_at=at, failures_in_row=0, problem=None))

    def failed(self, id: str, problem: str, most: int) -> SavedSearch | None:
        """Record that the webhook did not accept a delivery. Pause the search after `most` failures in a row."""

        def count(search: SavedSearch) -> SavedSearch:
            failures = search.failures_in_row + 1
            return replace(search, failures_in_row=failures, problem=problem, paused=search.paused or failures >= most)

        return self.change(id, count)

    def resume(self, id: str) -> SavedSearch | None:
        """Resume a paused search with its failures cleared. Return None if it does not exist."""
        return self.change(id, lambda s: replace(s, paused=False, failures_in_row=0, problem=None))
