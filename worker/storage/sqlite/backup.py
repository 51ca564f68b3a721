"""Copies of the embedded store, made while others write, and put back in its place.

A copy is one moment of the whole file, ledger and articles and catalog together. It is made with SQLite's backup call
in a single step: reading never holds up a writer in WAL mode, and a step that is not interrupted sees no later write.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from worker.config.folders import create_private_file, make_private_folder
from worker.errors import BadInput, Unavailable
from worker.storage.sqlite import article_rows as rows
from worker.storage.sqlite import ledger

#: What a copy must hold to be one of ours, and the latest version of each that we know.
COMPONENTS = {"ledger": len(ledger.SCHEMA), "articles": len(rows.SCHEMA)}
COMPANIONS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    path: Path
    size_bytes: int
    rows: int
    articles: int


def back_up(database: Path, file: Path) -> Copy:
    """Copy the store into a file that must not exist, and check the copy. `BadInput` where it cannot be written."""
    if not database.exists():
        raise BadInput(f"there is no store at {database} yet, so nothing to back up")
    if file.exists():
        raise BadInput(f"{file} exists already; name another file, or delete that one first")
    part = file.with_name(file.name + ".part")
    try:
        _copy(database, part)
        found = inspect(part)
        part.replace(file)
        _sync(file.parent)
    except (OSError, sqlite3.Error) as e:
        raise BadInput(f"cannot copy {database} to {file}: {e}") from e
    finally:
        _delete(part)
    return Copy(path=file, size_bytes=found.size_bytes, rows=found.rows, articles=found.articles)


def _as_it_is(_: Path) -> None:
    pass


def restore(
    file: Path, database: Path, now: datetime, amend: Callable[[Path], None] = _as_it_is
) -> tuple[Copy, Path | None]:
    """Put a copy in the store's place, and tell where the store that was there is kept now, if there was one. `amend`
    may change the copy while the store is still there to be read; it closes what it opens.

    `BadInput` if the copy is not sound, or somebody has the store open; nothing was changed then. The caller makes sure
    that nobody opens it meanwhile.
    """
    if not file.is_file():
        raise BadInput(f"there is no file {file}")
    part = database.with_name(database.name + ".part")
    try:
        make_private_folder(database.parent)
        _copy(file, part)
        inspect(part)
        if database.exists():
            _check_alone(database)
        amend(part)
        _settle(part)
        found = inspect(part)
        kept = _set_aside(database, now) if database.exists() else None
        part.replace(database)
        _sync(database.parent)
    except (OSError, sqlite3.Error) as e:
        raise BadInput(f"cannot restore {file}: {e}") from e
    finally:
        _delete(part)
    return Copy(path=database, size_bytes=found.size_bytes, rows=found.rows, articles=found.articles), kept


def inspect(file: Path) -> Copy:
    """Check a copy from end to end. `BadInput` if it is damaged, or not one of ours."""
    try:
        with closing(sqlite3.connect(f"file:{_escaped(file)}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise BadInput(f"{file} is damaged: {verdict}")
            _check_versions(file, dict(connection.execute("SELECT component, version FROM schema_versions")))
            (accepted,) = connection.execute("SELECT count(*) FROM ledger").fetchone()
            (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    except sqlite3.Error as e:
        raise BadInput(f"{file} is not a backup of Copydesk: {e}") from e
    return Copy(path=file, size_bytes=file.stat().st_size, rows=accepted, articles=articles)


def _check_versions(file: Path, found: dict[str, int]) -> None:
    for component, known in COMPONENTS.items():
        if component not in found:
            raise BadInput(f"{file} is not a backup of Copydesk: it has no {component}")
        if found[component] > known:
            raise BadInput(f"{file} was written by a newer Copydesk ({component} {found[component]}); update this one")


def _copy(source: Path, target: Path) -> None:
    """All of it in one step."""
    _delete(target)
    create_private_file(target)
    with (
        closing(sqlite3.connect(f"file:{_escaped(source)}?mode=ro", uri=True, timeout=30)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer, pages=-1)
    _settle(target)


def _settle(file: Path) -> None:
    """Out of WAL mode and onto the disk, so that the copy is one file."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def _set_aside(database: Path, now: datetime) -> Path:
    """Rename the store that is there, with what belongs to it. `Unavailable` if another process has it open."""
    _check_alone(database)
    kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%S}")
    for companion in COMPANIONS:
        there = database.with_name(database.name + companion)
        if there.exists():
            there.replace(kept.with_name(kept.name + companion))
    return kept


def _check_alone(database: Path) -> None:
    """In exclusive locking mode SQLite needs a file that no one else has open; out of WAL mode it leaves one file. A
    damaged file is nobody's, and stays as it is."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as e:
            if getattr(e, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Unavailable(f"another process has {database} open; end it first") from e
        except sqlite3.DatabaseError:
            pass


def _delete(path: Path) -> None:
    for suffix in (*COMPANIONS, "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _escaped(path: Path) -> str:
    """As a URI of SQLite takes it."""
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _sync(folder: Path) -> None:
    """Make a rename in this folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
