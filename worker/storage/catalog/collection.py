"""A collection of records of one class in the document store, written as JSON and read back as records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from worker.errors import BadInput
from worker.storage.ports import DELETE, KEEP, Change, Decision, DocumentStore, Put, StoredItem

T = TypeVar("T")
MAX_ID_BYTES = 400


def _never_due(_: object) -> datetime | None:
    return None


class Collection(Generic[T]):
    """Records of one class, each with an id (`key`) and a time at which it is due next (`due`).

    Ignores fields of a record that this version does not know, such as those that a newer Copydesk wrote.
    """

    def __init__(
        self,
        document_store: DocumentStore,
        name: str,
        cls: type[T],
        key: Callable[[T], str],
        due: Callable[[T], datetime | None] = _never_due,
    ) -> None:
        self._document_store = document_store
        self._name = name
        self._adapter = TypeAdapter(cls)
        self._key = key
        self._due = due

    def get(self, id: str) -> T | None:
        """Return the current record, or None."""
        return self.get_many([id])[0]

    def get_many(self, ids: Sequence[str]) -> list[T | None]:
        """Return the current records in the order of `ids`."""
        items = self._document_store.get(self._name, ids)
        return [self._record(item) if item else None for item in items]

    def existing(self, ids: Sequence[str]) -> set[str]:
        """Return those ids that have a record."""
        return {item.id for item in self._document_store.get(self._name, ids) if item}

    def all(self) -> Iterator[T]:
        """Yield all records by id. Includes everything written before the call."""
        return map(self._record, self._document_store.all(self._name))

    def is_empty(self) -> bool:
        """Return True if there are no records, with one request. May miss writes since the last `refresh`."""
        return self._document_store.is_empty(self._name)

    def refresh(self) -> None:
        """Make all earlier writes visible to `is_empty`."""
        self._document_store.refresh()

    def add(self, record: T) -> None:
        """Write a new record. Raise `BadInput` if its id is taken or too long."""
        id = self._key(record)
        if len(id.encode()) > MAX_ID_BYTES:
            raise BadInput(f"The name {id[:40]!r}… is too long. Choose one of at most {MAX_ID_BYTES} bytes.")

        def create(_: str, current: T | None) -> Decision[T]:
            if current is not None:
                raise BadInput(f"{id!r} already exists in {self._name}. Choose another name, or remove it first.")
            return Put(record)

        self.change([id], create)

    def put(self, records: Iterable[T]) -> None:
        """Write records, replacing those with the same ids."""
        by_id = {self._key(record): record for record in records}
        self.change(by_id, lambda id, _: Put(by_id[id]))

    def change(self, ids: Iterable[str], change: Change[T]) -> dict[str, T]:
        """Apply `change` to each record, see `DocumentStore.change`. Return the written records by id."""
        written: dict[str, T] = {}

        def change_item(id: str, item: StoredItem | None) -> Decision[StoredItem]:
            written.pop(id, None)
            decision = change(id, self._record(item) if item else None)
            if not isinstance(decision, Put):
                return decision
            written[id] = decision.value
            return Put(self._item(decision.value))

        self._document_store.change(self._name, ids, change_item)
        return written

    def edit(self, id: str, change: Callable[[T], Decision[T]]) -> T | None:
        """Apply `change` to one record if it exists. Return the written record, or None if nothing was written."""
        return self.change([id], lambda _, record: KEEP if record is None else change(record)).get(id)

    def delete(self, ids: Sequence[str], where: Callable[[T], bool] | None = None) -> int:
        """Delete records, or only those that meet `where`. Return the number of deleted records."""
        deleted: dict[str, bool] = {}

        def delete(id: str, record: T | None) -> Decision[T]:
            deleted[id] = record is not None and (where is None or where(record))
            return DELETE if deleted[id] else KEEP

        self.change(ids, delete)
        return sum(deleted.values())

    def due(self, now: datetime, limit: int) -> list[str]:
        """Return ids of records that may be due, longest due first. Check the current record in `change`."""
        return self._document_store.due(self._name, now, limit)

    def _record(self, item: StoredItem) -> T:
        return self._adapter.validate_python(item.body)

    def _item(self, record: T) -> StoredItem:
        body = self._adapter.dump_python(record, mode="json")
        return StoredItem(id=self._key(record), body=body, due_at=self._due(record))
