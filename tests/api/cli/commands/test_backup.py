"""Backup of the embedded store while others write, and what restoring refuses."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.supervisor.stack import exclusive_data_folder
from tests.support.both_stores import silent_broker
from tests.support.pages.corpus import CORPUS
from tests.support.paths import PROJECT
from worker import urls
from worker.config.settings import Settings
from worker.errors import BadInput, CopydeskError, Unavailable
from worker.model.records import CrawlResult, Document, Outcome, document_version
from worker.services.articles.takedown import remove
from worker.services.maintenance.audit import audit
from worker.storage.sqlite.backup import Backup, back_up, inspect, restore
from worker.wiring import Stores, connect, set_up_stores

NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def stores(sqlite_settings: Settings) -> Stores:
    return set_up_stores(sqlite_settings)


@pytest.fixture
def database(sqlite_settings: Settings, stores: Stores) -> Path:
    return sqlite_settings.data_dir / "copydesk.db"


def ingest(stores: Stores, n: int) -> None:
    """Queue, write and finish one URL in the order of the stages: the document before the row."""
    target = urls.target(f"https://news.example/{n}")
    stores.ledger.admit([target], NOW)
    stores.index.write([_document(target.id, n)])
    end = CrawlResult(id=target.id, crawl=1, outcome=Outcome.INDEXED, finished_at=NOW, article_id=target.id)
    stores.ledger.finish([end])


def _document(id: str, n: int) -> Document:
    return replace(CORPUS[n % len(CORPUS)], id=id, version=document_version(1, 1))


def run(settings: Settings, *command: str) -> Result:
    return CliRunner().invoke(app, list(command), env={"COPYDESK_DATA_DIR": str(settings.data_dir)})


def said(result: Result) -> str:
    return f"{result.output}\n{result.exception}"


def test_backup_during_writes_is_consistent(
    sqlite_settings: Settings, stores: Stores, database: Path, tmp_path: Path
) -> None:
    stop, done = threading.Event(), 0

    def write() -> None:
        nonlocal done
        while not stop.is_set():
            ingest(stores, done)
            done += 1

    writer = threading.Thread(target=write)
    writer.start()
    copies: list[Backup] = []
    try:
        while len(copies) < 5:
            before = done
            copies.append(back_up(database, tmp_path / f"{len(copies)}.db"))
            while done == before:  # writing goes on
                pass
    finally:
        stop.set()
        writer.join()
    assert copies[-1].articles > copies[0].articles
    elsewhere = tmp_path / "elsewhere"
    restore(copies[-1].path, elsewhere / "copydesk.db", NOW)
    result = audit(connect(sqlite_settings.model_copy(update={"data_dir": elsewhere})))
    assert result.is_clean, result.problems
    assert (result.rows, result.documents) == (copies[-1].rows, copies[-1].articles)


def test_commands_back_up_and_restore(sqlite_settings: Settings, stores: Stores, tmp_path: Path) -> None:
    file = tmp_path / "monday.db"
    ingest(stores, 1)
    done = run(sqlite_settings, "backup", str(file))
    assert done.exit_code == 0, said(done)
    assert "1 rows and 1 articles" in done.output
    ingest(stores, 2)
    _close(stores)
    done = run(sqlite_settings, "restore", str(file))
    assert done.exit_code == 0, said(done)
    (kept,) = sqlite_settings.data_dir.glob("copydesk.db.before-restore-*")
    assert str(kept) in done.output.replace("\n", "")
    assert set_up_stores(sqlite_settings).index.count() == 1
    assert inspect(kept).articles == 2


def test_later_blocks_and_revoked_keys_survive_a_restore(
    sqlite_settings: Settings, stores: Stores, tmp_path: Path
) -> None:
    url, file = "https://news.example/1", str(tmp_path / "monday.db")
    ingest(stores, 1)
    ingest(stores, 2)
    key, secret = stores.catalog.api_keys.create("newsroom", ["read"], NOW)
    assert run(sqlite_settings, "backup", file).exit_code == 0
    context = replace(connect(sqlite_settings), redis=silent_broker())
    remove(context, url, block=True, why="court order 12/26")
    assert context.catalog.api_keys.revoke(key.id)
    newer, newer_secret = context.catalog.api_keys.create("later", ["read"], NOW)
    context.ledger._database.close()  # type: ignore[attr-defined]
    _close(stores)
    done = run(sqlite_settings, "restore", file)
    assert done.exit_code == 0, said(done)
    assert "1 blocked URLs. Their articles (1) are removed." in done.output
    assert "1 revoked keys" in done.output
    restored = set_up_stores(sqlite_settings)
    assert "1 newer keys" in done.output
    assert restored.catalog.api_keys.check(secret, NOW) is None
    assert restored.catalog.api_keys.check(newer_secret, NOW) == newer
    assert list(restored.catalog.api_keys.revoked()) == [key.id]
    assert [b.canonical_url for b in restored.catalog.blocklist.all()] == [url]
    assert restored.index.count() == 1
    (row,) = restored.ledger.get([urls.url_id(url)])
    assert row
    assert (row.outcome, row.reason, row.detail) == (Outcome.REJECTED, "taken-down", "court order 12/26")
    assert audit(connect(sqlite_settings)).is_clean
    assert [p.name for p in sqlite_settings.data_dir.glob("*before*-shm")] == []


def _close(stores: Stores) -> None:
    """Close the store, as the end of its process does."""
    stores.ledger._database.close()  # type: ignore[attr-defined]


def test_restore_is_refused_while_the_stack_runs(sqlite_settings: Settings, stores: Stores, tmp_path: Path) -> None:
    ingest(stores, 1)
    back_up(sqlite_settings.data_dir / "copydesk.db", tmp_path / "a.db")
    with exclusive_data_folder(sqlite_settings):
        done = run(sqlite_settings, "restore", str(tmp_path / "a.db"))
    assert isinstance(done.exception, BadInput)
    assert "already runs in" in said(done)


def test_restore_is_refused_while_another_process_has_the_store(
    sqlite_settings: Settings, stores: Stores, database: Path, tmp_path: Path
) -> None:
    ingest(stores, 1)
    back_up(database, tmp_path / "a.db")
    _close(stores)
    code = (
        "import sys; from pathlib import Path; from worker.storage.sqlite.database import Database\n"
        f"store = Database(Path({str(database)!r}))\n"
        "with store.read() as c: c.execute('SELECT count(*) FROM ledger').fetchone()\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    try:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(Unavailable, match="Another process has"):
            restore(tmp_path / "a.db", database, NOW)
    finally:
        other.communicate(timeout=10)
    assert set_up_stores(sqlite_settings).index.count() == 1


def test_backup_does_not_overwrite_a_file(database: Path, stores: Stores, tmp_path: Path) -> None:
    ingest(stores, 1)
    (tmp_path / "a.db").write_text("precious")
    with pytest.raises(BadInput, match="exists already"):
        back_up(database, tmp_path / "a.db")
    assert (tmp_path / "a.db").read_text() == "precious"
    with pytest.raises(BadInput, match="exists already"):
        back_up(database, database)


@pytest.mark.parametrize("damage", ["text", "cut", "foreign", "newer", "missing"])
def test_damaged_backup_is_not_restored(
    sqlite_settings: Settings, stores: Stores, database: Path, tmp_path: Path, damage: str
) -> None:
    for n in range(20):
        ingest(stores, n)
    file = tmp_path / "a.db"
    back_up(database, file)
    _damage(file, damage)
    _close(stores)
    with pytest.raises(CopydeskError):
        restore(file, database, NOW)
    assert [p.name for p in database.parent.glob("copydesk.db*before*")] == []
    assert [p.name for p in database.parent.glob("*.part*")] == []
    assert set_up_stores(sqlite_settings).index.count() == 20


def _damage(file: Path, damage: str) -> None:
    if damage == "text":
        file.write_text("not a database " * 500)
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif damage == "foreign":
        file.unlink()
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE cats (name TEXT)")
    elif damage == "newer":
        with closing(sqlite3.connect(file)) as other:
            other.execute("UPDATE schema_versions SET version = 999 WHERE component = 'ledger'")
            other.commit()
    else:
        file.unlink()


def _back_up_and_damage(stores: Stores, database: Path, file: Path) -> None:
    ingest(stores, 1)
    back_up(database, file)
    _close(stores)
    database.write_bytes(b"what the disk made of it " * 1000)


def test_restore_replaces_a_damaged_store(
    sqlite_settings: Settings, stores: Stores, database: Path, tmp_path: Path
) -> None:
    _back_up_and_damage(stores, database, tmp_path / "a.db")
    _, kept = restore(tmp_path / "a.db", database, NOW)
    assert kept
    assert kept.read_bytes().startswith(b"what the disk")


def test_restore_reports_an_unreadable_store(
    sqlite_settings: Settings, stores: Stores, database: Path, tmp_path: Path
) -> None:
    _back_up_and_damage(stores, database, tmp_path / "a.db")
    done = run(sqlite_settings, "restore", str(tmp_path / "a.db"))
    assert done.exit_code == 0, said(done)
    assert "Repeat `articles remove --block`" in done.output
    assert set_up_stores(sqlite_settings).index.count() == 1


def test_elasticsearch_users_are_referred_to_snapshots() -> None:
    for command in ("backup", "restore"):
        done = CliRunner().invoke(app, [command, "x.db"], env={"COPYDESK_INDEX_URL": "http://localhost:9200"})
        assert "snapshots" in said(done)
