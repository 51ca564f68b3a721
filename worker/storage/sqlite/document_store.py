"""The document store as a table of the SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from worker.storage.ports import Change, Delete, Put, StoredItem
from worker.storage.row_json import from_text, to_text
from worker.storage.sqlite.database import Database

PAGE = 100  #: items that `all` reads in one transaction
SCHEMA = (
    (
        """
        CREATE TABLE shelf (
            collection TEXT NOT NULL,
            id TEXT NOT NULL,
            due_at TEXT,
            body TEXT NOT NULL,
            PRIMARY KEY (collection, id)
        ) WITHOUT ROWID""",
        "CREATE INDEX shelf_due ON shelf (collection, due_at) WHERE due_at IS NOT NULL",
    ),
    # Version 1 had another name for the table.
    (
        "ALTER TABLE shelf RENAME TO documents",
        "DROP INDEX shelf_due",
        "CREATE INDEX documents_due ON documents (collection, due_at) WHERE due_at IS NOT NULL",
    ),
)
GET = "SELECT id, body, due_at FROM documents WHERE collection = ? AND id IN (SELECT value FROM json_each(?))"
PAGE_AFTER = "SELECT id, body, due_at FROM documents WHERE collection = ? AND id > ? ORDER BY id LIMIT ?"
ANY = "SELECT 1 FROM documents WHERE collection = ? LIMIT 1"
DUE = "SELECT id FROM documents WHERE collection = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?"


class SqliteDocumentStore:
    """An implementation of `ports.DocumentStore` on SQLite. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.expect("documents", SCHEMA, formerly="shelf")

    def setup(self) -> None:
        """Implement `ports.DocumentStore.setup`."""
        self._database.migrate("documents", SCHEMA, formerly="shelf")

    def get(self, collection: str, ids: Sequence[str]) -> list[StoredItem | None]:
        """Implement `ports.DocumentStore.get`."""
        with self._database.read() as connection:
            found = _get(connection, collection, ids)
        return [found.get(id) for id in ids]

    def change(self, collection: str, ids: Iterable[str], change: Change[StoredItem]) -> None:
        """Implement `ports.DocumentStore.change`."""
        ids = list(dict.fromkeys(ids))
        with self._database.write() as connection:
            found = _get(connection, collection, ids)
            for id in ids:
                match change(id, found.get(id)):
                    case Put(item):
                        values = (collection, id, to_text(item.due_at), json.dumps(item.body))
                        connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", values)
                    case Delete():
                        connection.execute("DELETE FROM documents WHERE collection = ? AND id = ?", (collection, id))

    def all(self, collection: str) -> Iterator[StoredItem]:
        """Implement `ports.DocumentStore.all`."""
        last = ""
        while page := self._page(collection, last):
            yield from page
            last = page[-1].id

    def _page(self, collection: str, after: str) -> list[StoredItem]:
        with self._database.read() as connection:
            return [_item(row) for row in connection.execute(PAGE_AFTER, (collection, after, PAGE))]

    def is_empty(self, collection: str) -> bool:
        """Implement `ports.DocumentStore.is_empty`."""
        with self._database.read() as connection:
            return connection.execute(ANY, (collection,)).fetchone() is None

    def refresh(self) -> None:
        """Do nothing: each read sees all earlier writes."""

    def due(self, collection: str, now: datetime, limit: int) -> list[str]:
        """Implement `ports.DocumentStore.due`."""
        with self._database.read() as connection:
            return [row["id"] for row in connection.execute(DUE, (collection, to_text(now), limit))]


def _get(connection: sqlite3.Connection, collection: str, ids: Sequence[str]) -> dict[str, StoredItem]:
    return {row["id"]: _item(row) for row in connection.execute(GET, (collection, json.dumps(list(ids))))}


def _item(row: sqlite3.Row) -> StoredItem:
    return StoredItem(id=row["id"], body=json.loads(row["body"]), due_at=from_text(row["due_at"]))
