"""What every shelf promises, on SQLite and on Elasticsearch."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.racing import WORKERS, together
from tests.contracts.stores import open_shelf
from worker.settings import Settings
from worker.storing.ports import Item, Shelf

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
BODY: dict[str, Any] = {
    "text": "ü 東京 '\" \x00",
    "none": None,
    "list": [1, {"a": 1.5}],
    "empty": {},
    "a.b": {"c": "d"},
}


@pytest.fixture
def shelf(settings: Settings) -> Shelf:
    shelf = open_shelf(settings)
    shelf.setup()
    return shelf


def put(shelf: Shelf, collection: str, *items: Item) -> None:
    by_id = {item.id: item for item in items}
    shelf.change(collection, list(by_id), lambda id, _: by_id[id])


def test_an_item_comes_back_as_it_was_put(shelf: Shelf, settings: Settings) -> None:
    item = Item(id="https://host.example:8080", body=BODY, due_at=NOW)
    put(shelf, "hosts", item, Item(id="2", body={}))
    assert open_shelf(settings).get("hosts", ["2", "3", item.id, "2"]) == [
        Item(id="2", body={}),
        None,
        item,
        Item(id="2", body={}),
    ]
    assert shelf.get("others", ["2"]) == [None]


def test_change_replaces_leaves_alone_and_removes(shelf: Shelf) -> None:
    put(shelf, "c", *(Item(id=str(n), body={"n": n}, due_at=NOW) for n in range(3)))
    put(shelf, "d", Item(id="2", body={"n": 99}))
    seen = {}

    def change(id: str, item: Item | None) -> Item | None:
        seen[id] = item and item.body["n"]
        return {"0": replace(item, body={"new": 1}, due_at=None) if item else None, "1": item}.get(id)

    shelf.change("c", ["0", "1", "2", "3", "0"], change)
    assert seen == {"0": 0, "1": 1, "2": 2, "3": None}
    assert shelf.get("c", ["0", "1", "2", "3"]) == [
        Item(id="0", body={"new": 1}),
        Item(id="1", body={"n": 1}, due_at=NOW),
        None,
        None,
    ]
    assert shelf.get("d", ["2"]) == [Item(id="2", body={"n": 99})]


def test_an_exception_changes_nothing(shelf: Shelf) -> None:
    put(shelf, "c", Item(id="1", body={"n": 1}), Item(id="2", body={"n": 2}))

    def change(id: str, item: Item | None) -> Item | None:
        return Item(id=id, body={"n": 1 // (int(id) - 2)})

    with pytest.raises(ZeroDivisionError):
        shelf.change("c", ["1", "2"], change)
    assert [i.body["n"] for i in shelf.all("c")] == [1, 2]


def test_all_lists_one_collection_by_id(shelf: Shelf) -> None:
    put(shelf, "c", *(Item(id=f"{n:04}", body={"n": n}) for n in reversed(range(1100))))
    put(shelf, "cc", Item(id="x", body={}))
    assert [i.id for i in shelf.all("c")] == [f"{n:04}" for n in range(1100)]
    put(shelf, "c", Item(id="9999", body={}))
    assert [i.id for i in shelf.all("c")][-1] == "9999", "what was just written is listed"
    assert list(shelf.all("none")) == []


def test_due_lists_the_longest_due_first(shelf: Shelf) -> None:
    for n, seconds in enumerate((3, 1, 2, 0)):
        put(shelf, "c", Item(id=str(n), body={}, due_at=NOW + timedelta(seconds=seconds)))
    put(shelf, "c", Item(id="never", body={}))
    put(shelf, "d", Item(id="other", body={}, due_at=NOW))
    assert shelf.due("c", NOW + timedelta(seconds=2), 10) == ["3", "1", "2"]
    assert shelf.due("c", NOW + timedelta(seconds=2), 2) == ["3", "1"]
    assert shelf.due("c", NOW - timedelta(microseconds=1), 10) == []


def test_setup_keeps_what_is_there(shelf: Shelf, settings: Settings) -> None:
    put(shelf, "c", Item(id="1", body=BODY))
    open_shelf(settings).setup()
    assert shelf.get("c", ["1"]) == [Item(id="1", body=BODY)]


def _count(settings: Settings) -> None:
    shelf = open_shelf(settings)
    for _ in range(20):
        shelf.change("c", ["a", "b"], lambda id, item: Item(id=id, body={"n": item.body["n"] + 1 if item else 1}))


def test_no_change_is_lost(shelf: Shelf, settings: Settings, executor: Executor) -> None:
    together(executor, _count, settings)
    assert [item.body["n"] for item in shelf.all("c")] == [20 * WORKERS] * 2


def _take_away(settings: Settings) -> int:
    shelf, taken = open_shelf(settings), []

    def take(id: str, item: Item | None) -> None:
        there[id] = item is not None

    for n in range(30):
        there: dict[str, bool] = {}
        shelf.change("c", [str(n)], take)
        taken += [id for id, was_there in there.items() if was_there]
    return len(taken)


def test_one_of_many_removes_each_item(shelf: Shelf, settings: Settings, executor: Executor) -> None:
    put(shelf, "c", *(Item(id=str(n), body={}) for n in range(30)))
    assert sum(together(executor, _take_away, settings)) == 30
    assert list(shelf.all("c")) == []
