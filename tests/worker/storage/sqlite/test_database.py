"""The SQLite file: transactions, migrations, threads and processes."""

from __future__ import annotations

import multiprocessing
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.errors import BadInput, Unavailable
from worker.storage.sqlite.database import Database

SCHEMA = (("CREATE TABLE notes (text TEXT)",),)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "deep" / "copydesk.db")
    database.migrate("notes", SCHEMA)
    yield database
    database.close()


def write(database: Database, text: str) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO notes VALUES (?)", (text,))


def notes(database: Database) -> list[str]:
    with database.read() as connection:
        return [row["text"] for row in connection.execute("SELECT text FROM notes ORDER BY rowid")]


def test_url(tmp_path: Path) -> None:
    assert Database.from_url(f"sqlite:///{tmp_path}/my%20news.db").path == tmp_path / "my news.db"
    assert Database.from_url("sqlite:///data/x.db").path == Path.cwd() / "data" / "x.db"


def test_commits_are_synced_and_readers_do_not_wait(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_an_exception_rolls_back_the_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute("INSERT INTO notes VALUES ('lost')")
        raise ZeroDivisionError
    write(database, "kept")
    assert notes(database) == ["kept"]


def test_blocks_may_be_nested_and_the_outermost_commits(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write():
        write(database, "inner")
        raise ZeroDivisionError
    with database.write():
        write(database, "one")
        write(database, "two")
    assert notes(database) == ["one", "two"]


def test_a_read_block_is_a_snapshot(database: Database) -> None:
    write(database, "before")
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] == 1
        other = threading.Thread(target=write, args=(database, "meanwhile"))
        other.start()
        other.join()
        assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] == 1
    assert notes(database) == ["before", "meanwhile"]


def test_migrations_run_once_each_and_never_back(database: Database) -> None:
    write(database, "old")
    longer = (*SCHEMA, ("ALTER TABLE notes ADD COLUMN author TEXT", "UPDATE notes SET author = 'me'"))
    database.migrate("notes", longer)
    database.migrate("notes", longer)
    with database.read() as connection:
        assert [tuple(r) for r in connection.execute("SELECT * FROM notes")] == [("old", "me")]
    with pytest.raises(BadInput, match=r"newer Copydesk \(notes 2, this one knows 1\)"):
        database.migrate("notes", SCHEMA)


def test_a_failed_migration_leaves_the_old_version(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        database.migrate("notes", (*SCHEMA, ("CREATE TABLE more (x)", "NONSENSE")))
    database.migrate("notes", (*SCHEMA, ("CREATE TABLE more (x)",)))


def test_connections_close_with_their_threads(database: Database) -> None:
    for n in range(50):
        thread = threading.Thread(target=write, args=(database, str(n)))
        thread.start()
        thread.join()
    links = (fd.readlink() for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink())
    assert list(links).count(database.path) < 5, "SQLite keeps a few to use again"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_parent_and_child_of_a_fork_can_write(database: Database) -> None:
    write(database, "before")
    child = multiprocessing.get_context("fork").Process(target=write, args=(database, "child"))
    child.start()
    child.join()
    assert child.exitcode == 0
    write(database, "parent")
    assert notes(database) == ["before", "child", "parent"]


def test_committed_writes_survive_a_kill(database: Database) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from worker.storage.sqlite.database import Database\n"
        "database = Database(Path(sys.argv[1]))\n"
        "with database.write() as c: c.execute(\"INSERT INTO notes VALUES ('kept')\")\n"
        "with database.write() as c:\n"
        "    c.execute(\"INSERT INTO notes VALUES ('lost')\")\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(database.path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert notes(database) == ["kept"]


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("This is not a database, and long enough to be read as one. " * 100)
    with pytest.raises(BadInput, match=r"text\.db is not an intact SQLite database"):
        Database(path).migrate("notes", SCHEMA)
    assert path.read_text().startswith("This is not")


def test_a_path_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(Unavailable, match=r"folder\.db: unable to open"):
        Database(tmp_path / "folder.db").migrate("notes", SCHEMA)
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"Cannot create the database folder .*: Not a directory"):
        Database(tmp_path / "file" / "deep" / "x.db").migrate("notes", SCHEMA)


def test_a_writer_that_waits_too_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.storage.sqlite.database.BUSY_TIMEOUT_S", 0.1)
    errors: list[Exception] = []

    def attempt() -> None:
        try:
            write(database, "late")
        except Unavailable as e:
            errors.append(e)

    with database.write():
        other = threading.Thread(target=attempt)
        other.start()
        other.join()
    assert "database is locked" in str(errors[0])
    assert notes(database) == []
