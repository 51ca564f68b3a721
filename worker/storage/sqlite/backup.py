"""Backups of the SQLite store: made while others write, and restored in its place.

A backup is a snapshot of the whole file: ledger, articles and catalog of the same moment. It is made with SQLite's
backup call in a single step. In WAL mode, reading never blocks a writer, and a single step does not see later writes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from worker.config.folders import create_private_file, make_private_folder
from worker.errors import BadInput, Unavailable
from worker.storage.sqlite import article_rows, ledger

#: The tables that a backup must have, and the latest version of each that this Copydesk knows.
COMPONENTS = {"ledger": len(ledger.SCHEMA), "articles": len(article_rows.SCHEMA)}
COMPANIONS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A checked backup file, or the store that was restored from it."""

    path: Path
    size_bytes: int
    rows: int
    articles: int


def back_up(database: Path, file: Path) -> Backup:
    """Copy the store into a new file and check the copy. Raise `BadInput` if it cannot be written."""
    if not database.exists():
        raise BadInput(f"There is no store at {database} yet, so there is nothing to back up.")
    if file.exists():
        raise BadInput(f"{file} exists already. Choose another file, or delete this one first.")
    part = file.with_name(file.name + ".part")
    with _replaced(part, file, f"Cannot copy {database} to {file}"):
        _copy(database, part)
        backup = inspect(part)
    return replace(backup, path=file)


def _unchanged(_: Path) -> None:
    pass


def restore(
    file: Path, database: Path, now: datetime, amend: Callable[[Path], None] = _unchanged
) -> tuple[Backup, Path | None]:
    """Replace the store by a backup. Return the restored store, and the path of the previous one if there was one.

    `amend` may change the copy while the previous store can still be read; it must close everything that it opens. The
    caller makes sure that no process opens the store in the meantime. Raise `BadInput` if the backup is damaged, and
    `Unavailable` if a process has the store open; nothing has changed then.
    """
    if not file.is_file():
        raise BadInput(f"{file} does not exist.")
    part = database.with_name(database.name + ".part")
    previous: Path | None = None
    with _replaced(part, database, f"Cannot restore {file}"):
        make_private_folder(database.parent)
        _copy(file, part)
        inspect(part)
        if database.exists():
            _check_unused(database)
        amend(part)
        _sync_file(part)
        backup = inspect(part)
        if database.exists():
            previous = _set_aside(database, now)
    return replace(backup, path=database), previous


@contextmanager
def _replaced(part: Path, target: Path, problem: str) -> Iterator[None]:
    """Rename `part` to `target` durably after the block. Raise `BadInput` on an error; always delete `part`."""
    try:
        yield
        part.replace(target)
        _sync_folder(target.parent)
    except (OSError, sqlite3.Error) as e:
        raise BadInput(f"{problem}: {e}") from e
    finally:
        _delete(part)


def inspect(file: Path) -> Backup:
    """Check a whole backup file. Raise `BadInput` if it is damaged, or not a backup of Copydesk."""
    try:
        with closing(sqlite3.connect(_read_only(file), uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise BadInput(f"{file} is damaged: {verdict}")
            _check_versions(file, dict(connection.execute("SELECT component, version FROM schema_versions")))
            (rows,) = connection.execute("SELECT count(*) FROM ledger").fetchone()
            (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    except sqlite3.Error as e:
        raise BadInput(f"{file} is not a backup of Copydesk: {e}") from e
    return Backup(path=file, size_bytes=file.stat().st_size, rows=rows, articles=articles)


def _check_versions(file: Path, found: dict[str, int]) -> None:
    for component, known in COMPONENTS.items():
        if component not in found:
            raise BadInput(f"{file} is not a backup of Copydesk: it has no {component}.")
        if found[component] > known:
            raise BadInput(f"{file} is from a newer Copydesk ({component} {found[component]}). Upgrade Copydesk.")


def _copy(source: Path, target: Path) -> None:
    """Copy a database in one step."""
    _delete(target)
    create_private_file(target)
    with (
        closing(sqlite3.connect(_read_only(source), uri=True, timeout=30)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer, pages=-1)
    _sync_file(target)


def _sync_file(file: Path) -> None:
    """Leave WAL mode, so that the database is a single file, and write it to the disk."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def _set_aside(database: Path, now: datetime) -> Path:
    """Rename the present store with its companion files. Raise `Unavailable` if another process has it open."""
    _check_unused(database)
    kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%S}")
    for companion in COMPANIONS:
        file = database.with_name(database.name + companion)
        if file.exists():
            file.replace(kept.with_name(kept.name + companion))
    return kept


def _check_unused(database: Path) -> None:
    """Raise `Unavailable` if another process has the database open.

    In exclusive locking mode SQLite needs a file that no other process has open. Outside WAL mode the store is a single
    file. A damaged file cannot be in use; it stays as it is.
    """
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as e:
            if getattr(e, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Unavailable(f"Another process has {database} open. Stop it first.") from e
        except sqlite3.DatabaseError:
            pass


def _delete(path: Path) -> None:
    for suffix in (*COMPANIONS, "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _read_only(path: Path) -> str:
    """Return the URI by which SQLite opens a file read-only."""
    escaped = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{escaped}?mode=ro"


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
