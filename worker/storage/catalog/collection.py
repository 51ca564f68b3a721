"""Records of one class on a shelf: written as JSON, read back as records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from worker.errors import BadInput
from worker.storage.ports import DocumentStore, StoredItem

T = TypeVar("T")
MAX_ID_BYTES = 400


def _never_due(_: object) -> datetime | None:
    return None


class Collection(Generic[T]):
    """`key` gives a record's id, `due` when it is to be seen to next. Fields that a newer Copydesk wrote are left out
    on reading."""

    def __init__(
        self,
        document_store: DocumentStore,
        name: str,
        cls: type[T],
        key: Callable[[T], str],
        due: Callable[[T], datetime | None] = _never_due,
    ) -> None:
        self._shelf = document_store
        self._name = name
        self._adapter = TypeAdapter(cls)
        self._key = key
        self._due = due

    def get(self, id: str) -> T | None:
        return self.get_many([id])[0]

    def get_many(self, ids: Sequence[str]) -> list[T | None]:
        """In order, as they stand now."""
        return [self._record(item) for item in self._shelf.get(self._name, ids)]

    def present(self, ids: Sequence[str]) -> set[str]:
        """Those that are there."""
        return {id for id, item in zip(ids, self._shelf.get(self._name, ids), strict=True) if item}

    def all(self) -> Iterator[T]:
        """By id, everything that was written before the call."""
        return (self._adapter.validate_python(item.body) for item in self._shelf.all(self._name))

    def is_empty(self) -> bool:
        """Return True if there is not a record, in one request. It may miss writes since the last `refresh`."""
        return self._shelf.is_empty(self._name)

    def refresh(self) -> None:
        """Make everything written so far visible to `is_empty`."""
        self._shelf.refresh()

    def add(self, record: T) -> None:
        """`BadInput` where its id is taken, or longer than any store takes."""
        if len(self._key(record).encode()) > MAX_ID_BYTES:
            raise BadInput(f"{self._key(record)[:40]!r}… is too long a name; {MAX_ID_BYTES} bytes are allowed")

        def create(id: str, there: T | None) -> T:
            if there is not None:
                raise BadInput(f"there is a {id!r} already among the {self._name}; choose another name or remove it")
            return record

        self.change([self._key(record)], create)

    def put(self, records: Iterable[T]) -> None:
        """Write them whatever is there."""
        by_id = {self._key(record): record for record in records}
        self.change(by_id, lambda id, _: by_id[id])

    def change(self, ids: Iterable[str], change: Callable[[str, T | None], T | None]) -> dict[str, T]:
        """Apply `change` to each record as it stands now, again where another writer came between; None leaves it
        alone. Returns what was written, by id."""
        written: dict[str, T] = {}

        def change_item(id: str, item: StoredItem | None) -> StoredItem | None:
            written.pop(id, None)
            record = change(id, self._record(item))
            if record is None:
                return item
            written[id] = record
            return self._item(record)

        self._shelf.change(self._name, ids, change_item)
        return written

    def edit(self, id: str, change: Callable[[T], T | None]) -> T | None:
        """`change` for one record that is there. Returns it as written, or None where nothing was."""
        return self.change([id], lambda _, record: change(record) if record is not None else None).get(id)

    def delete(self, ids: Sequence[str], where: Callable[[T], bool] | None = None) -> int:
        """All of them, or those for which it holds as they stand now. Returns how many that were."""
        there: dict[str, bool] = {}

        def remove(id: str, item: StoredItem | None) -> StoredItem | None:
            there[id] = item is not None and (where is None or where(self._adapter.validate_python(item.body)))
            return None if there[id] else item

        self._shelf.change(self._name, ids, remove)
        return sum(there.values())

    def due(self, now: datetime, limit: int) -> list[str]:
        """Ids that may be due, the longest due first. Another may have changed them since: see again in `change`."""
        return self._shelf.due(self._name, now, limit)

    def _record(self, item: StoredItem | None) -> T | None:
        return self._adapter.validate_python(item.body) if item else None

    def _item(self, record: T) -> StoredItem:
        return StoredItem(
            id=self._key(record), body=self._adapter.dump_python(record, mode="json"), due_at=self._due(record)
        )
