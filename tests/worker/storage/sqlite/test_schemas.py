"""Stores of Copydesk 0.1, whose tables had other names, are brought up to date without loss."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.errors import BadInput
from worker.model.records import State
from worker.storage.catalog import Catalog
from worker.storage.sqlite import document_store, ledger
from worker.storage.sqlite.database import Database
from worker.storage.sqlite.document_store import SqliteDocumentStore
from worker.storage.sqlite.ledger import SqliteLedger

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROW = "INSERT INTO ledger VALUES ('a', 'u', 'u', 'h', 's', 'settled', 1, 0, 0, 'failed', 'http-404', NULL, ?, ?, ?"
KEY = (
    '{"id": "1f", "name": "me", "scopes": ["read"], "secret_hash": "00", "created_at": "2026-03-01T00:00:00Z",'
    ' "expires_at": null, "rate_per_minute": null}'
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a store with a finished row and an API key, as Copydesk 0.1 made it."""
    path, at = tmp_path / "copydesk.db", "2026-03-01T00:00:00.000000+00:00"
    with closing(Database(path)) as database:
        database.migrate("ledger", ledger.SCHEMA[:1])
        database.migrate("shelf", document_store.SCHEMA[:1])
        with database.write() as connection:
            connection.execute(f"{ROW}{', NULL' * 7}, ?)", (at, at, at, at))
            connection.execute("INSERT INTO shelf VALUES ('api_keys', '1f', NULL, ?)", (KEY,))
    return path


def set_up(*stores: SqliteLedger | SqliteDocumentStore) -> None:
    for store in stores:
        store.setup()


@pytest.mark.parametrize("prepare", [set_up, lambda *_: None], ids=["setup", "first-read"])
def test_a_store_of_the_first_version_keeps_its_rows_and_keys(file: Path, prepare: Callable[..., None]) -> None:
    with closing(Database(file)) as database:
        rows, documents = SqliteLedger(database), SqliteDocumentStore(database)
        prepare(rows, documents)
        found = rows.get(["a"])[0]
        assert found and (found.state, found.finished_at) == (State.FINISHED, NOW)
        assert rows.counts() == {"queued": 0, "finished": 1, "failed": 1, "failed/http-404": 1}
        assert [key.name for key in Catalog.on(documents).api_keys.all()] == ["me"]
        assert not Catalog.on(documents).api_keys.is_empty()


def test_a_migrated_store_is_refused_by_the_first_version(file: Path) -> None:
    with closing(Database(file)) as database:
        set_up(SqliteLedger(database), SqliteDocumentStore(database))
        with pytest.raises(BadInput, match="newer Copydesk"):
            database.migrate("ledger", ledger.SCHEMA[:1])


def test_the_first_read_creates_no_missing_tables(tmp_path: Path) -> None:
    file = tmp_path / "copydesk.db"
    with closing(Database(file)) as database:
        database.migrate("ledger", ledger.SCHEMA[:1])
    with closing(Database(file)) as database:
        documents = SqliteDocumentStore(database)
        with pytest.raises(BadInput, match="copydesk index setup"):
            list(documents.all("api_keys"))
