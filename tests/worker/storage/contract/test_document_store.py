"""The contract of `ports.DocumentStore`, on SQLite and on Elasticsearch."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.racing import WORKERS, together
from tests.support.stores import open_document_store
from worker.config.settings import Settings
from worker.storage.ports import DELETE, KEEP, Decision, Delete, DocumentStore, Put, StoredItem

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
BODY: dict[str, Any] = {
    "text": "ü 東京 '\" \x00",
    "none": None,
    "list": [1, {"a": 1.5}],
    "empty": {},
    "a.b": {"c": "d"},
}


@pytest.fixture
def document_store(settings: Settings) -> DocumentStore:
    document_store = open_document_store(settings)
    document_store.setup()
    return document_store


def put(document_store: DocumentStore, collection: str, *items: StoredItem) -> None:
    by_id = {item.id: item for item in items}
    document_store.change(collection, list(by_id), lambda id, _: Put(by_id[id]))


def test_an_item_comes_back_as_it_was_put(document_store: DocumentStore, settings: Settings) -> None:
    item = StoredItem(id="https://host.example:8080", body=BODY, due_at=NOW)
    put(document_store, "hosts", item, StoredItem(id="2", body={}))
    assert open_document_store(settings).get("hosts", ["2", "3", item.id, "2"]) == [
        StoredItem(id="2", body={}),
        None,
        item,
        StoredItem(id="2", body={}),
    ]
    assert document_store.get("others", ["2"]) == [None]


def test_change_puts_keeps_and_deletes(document_store: DocumentStore) -> None:
    put(document_store, "c", *(StoredItem(id=str(n), body={"n": n}, due_at=NOW) for n in range(3)))
    put(document_store, "d", StoredItem(id="2", body={"n": 99}))
    seen = {}

    def change(id: str, item: StoredItem | None) -> Decision[StoredItem]:
        seen[id] = item and item.body["n"]
        if item and id == "0":
            return Put(replace(item, body={"new": 1}, due_at=None))
        return KEEP if id in ("1", "4") else DELETE

    document_store.change("c", ["0", "1", "2", "3", "4", "0"], change)
    assert seen == {"0": 0, "1": 1, "2": 2, "3": None, "4": None}
    assert document_store.get("c", ["0", "1", "2", "3", "4"]) == [
        StoredItem(id="0", body={"new": 1}),
        StoredItem(id="1", body={"n": 1}, due_at=NOW),
        None,
        None,
        None,
    ]
    assert document_store.get("d", ["2"]) == [StoredItem(id="2", body={"n": 99})]


def test_an_exception_changes_nothing(document_store: DocumentStore) -> None:
    put(document_store, "c", StoredItem(id="1", body={"n": 1}), StoredItem(id="2", body={"n": 2}))

    def change(id: str, item: StoredItem | None) -> Decision[StoredItem]:
        return Put(StoredItem(id=id, body={"n": 1 // (int(id) - 2)}))

    with pytest.raises(ZeroDivisionError):
        document_store.change("c", ["1", "2"], change)
    assert [i.body["n"] for i in document_store.all("c")] == [1, 2]


def test_all_lists_one_collection_by_id(document_store: DocumentStore) -> None:
    put(document_store, "c", *(StoredItem(id=f"{n:04}", body={"n": n}) for n in reversed(range(1100))))
    put(document_store, "cc", StoredItem(id="x", body={}))
    assert [i.id for i in document_store.all("c")] == [f"{n:04}" for n in range(1100)]
    put(document_store, "c", StoredItem(id="9999", body={}))
    assert [i.id for i in document_store.all("c")][-1] == "9999", "the last write is listed"
    assert list(document_store.all("none")) == []


def test_a_collection_is_empty_until_a_write_is_refreshed(document_store: DocumentStore) -> None:
    put(document_store, "other", StoredItem(id="1", body={}))
    document_store.refresh()
    assert document_store.is_empty("c")
    put(document_store, "c", StoredItem(id="1", body={}))
    document_store.refresh()
    assert not document_store.is_empty("c")
    document_store.change("c", ["1"], lambda *_: DELETE)
    document_store.refresh()
    assert document_store.is_empty("c")


def test_due_lists_the_longest_due_first(document_store: DocumentStore) -> None:
    for n, seconds in enumerate((3, 1, 2, 0)):
        put(document_store, "c", StoredItem(id=str(n), body={}, due_at=NOW + timedelta(seconds=seconds)))
    put(document_store, "c", StoredItem(id="never", body={}))
    put(document_store, "d", StoredItem(id="other", body={}, due_at=NOW))
    assert document_store.due("c", NOW + timedelta(seconds=2), 10) == ["3", "1", "2"]
    assert document_store.due("c", NOW + timedelta(seconds=2), 2) == ["3", "1"]
    assert document_store.due("c", NOW - timedelta(microseconds=1), 10) == []


def test_setup_keeps_what_is_there(document_store: DocumentStore, settings: Settings) -> None:
    put(document_store, "c", StoredItem(id="1", body=BODY))
    open_document_store(settings).setup()
    assert document_store.get("c", ["1"]) == [StoredItem(id="1", body=BODY)]


def _count(settings: Settings) -> None:
    document_store = open_document_store(settings)
    for _ in range(20):
        document_store.change(
            "c", ["a", "b"], lambda id, item: Put(StoredItem(id=id, body={"n": item.body["n"] + 1 if item else 1}))
        )


def test_no_change_is_lost(document_store: DocumentStore, settings: Settings, executor: Executor) -> None:
    together(executor, _count, settings)
    assert [item.body["n"] for item in document_store.all("c")] == [20 * WORKERS] * 2


def _delete(settings: Settings) -> int:
    """Delete 30 items one by one; return how many of them this caller deleted."""
    document_store, deleted = open_document_store(settings), dict[str, bool]()

    def delete(id: str, item: StoredItem | None) -> Delete:
        deleted[id] = item is not None
        return DELETE

    for n in range(30):
        document_store.change("c", [str(n)], delete)
    return sum(deleted.values())


def test_one_of_many_removes_each_item(document_store: DocumentStore, settings: Settings, executor: Executor) -> None:
    put(document_store, "c", *(StoredItem(id=str(n), body={}) for n in range(30)))
    assert sum(together(executor, _delete, settings)) == 30
    assert list(document_store.all("c")) == []
