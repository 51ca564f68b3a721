"""One SQLite file that many threads and processes read and write at the same time.

In WAL mode, readers continue while one connection writes. A writer waits for another one (`BEGIN IMMEDIATE` and the
busy timeout) instead of failing. Commits are synced to the disk (`synchronous=FULL`): accepted URLs survive a power
cut. Callers write in batches, so the cost of a sync is paid once per batch.

Only `Database.migrate` creates the file. Reading or writing a missing file raises `BadInput`. Opening a file of an
earlier Copydesk brings its tables up to date.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from worker.config.folders import create_private_file, make_private_folder
from worker.errors import BadInput, Unavailable

BUSY_TIMEOUT_S = 30
PASSING_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # of a disk; other errors need another setting
CACHE_KIB = 16_384

#: One tuple of statements for each version of a component's tables, oldest first.
Schema = Sequence[Sequence[str]]


class Database:
    """A SQLite file with one connection for each thread of each process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._expected: dict[str, tuple[Schema, str]] = {}
        self._local = threading.local()
        self._handles: weakref.WeakSet[_Handle] = weakref.WeakSet()
        self._handles_of_parent: list[_Handle] = []

    @classmethod
    def from_url(cls, url: str) -> Database:
        """Return the database of a `sqlite:///path` URL. `sqlite:////path` is absolute."""
        return cls(Path(unquote(url.removeprefix("sqlite:///"))).absolute())

    def expect(self, component: str, schema: Schema, *, formerly: str = "") -> None:
        """Check this component whenever a file is opened: refuse a newer version, migrate an earlier one.

        `formerly` is an earlier name of the component.
        """
        self._expected[component] = schema, formerly

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Open a read transaction: all reads in this block see the same snapshot."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction: commit at the end of the block, roll back on an exception.

        Blocks may be nested. The outermost block commits, so that several stores can write together.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def migrate(self, component: str, schema: Schema, *, formerly: str = "") -> None:
        """Create the file if it is missing, and bring one component's tables up to the last version of `schema`.

        Raise `BadInput` if the tables have a newer version.
        """
        with self._transaction("BEGIN IMMEDIATE", create=True) as connection:
            self._migrate(connection, component, schema, formerly)

    def _migrate(self, connection: sqlite3.Connection, component: str, schema: Schema, formerly: str) -> None:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_versions (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
        )
        version = _version(connection, component, formerly) or 0
        self._check_version(component, version, len(schema))
        for statement in (s for step in schema[version:] for s in step):
            connection.execute(statement)
        connection.execute("DELETE FROM schema_versions WHERE component = ?", (formerly,))
        connection.execute("INSERT OR REPLACE INTO schema_versions VALUES (?, ?)", (component, len(schema)))

    def close(self) -> None:
        """Close the connections of all threads of this process."""
        for handle in list(self._handles):
            handle.close()
        self._local = threading.local()

    @contextmanager
    def _transaction(self, begin: str, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        with self._explained():
            connection = self._connection(create=create)
            if connection.in_transaction:
                yield connection
                return
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connection(self, *, create: bool) -> sqlite3.Connection:
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle and handle.pid != os.getpid():
            self._handles_of_parent.append(handle)  # after a fork, SQLite forbids the child to use or close it
            handle = None
        if handle is None:
            handle = self._open(create=create)
            self._local.handle = handle
            self._handles.add(handle)
        return handle.connection

    def _open(self, *, create: bool) -> _Handle:
        if create:
            _make_folder(self.path.parent)
            create_private_file(self.path)  # SQLite gives its companion files the same permissions
        elif not self.path.exists():
            raise BadInput(
                f"There is no store at {self.path} yet. Create it with: copydesk run. "
                "To use an existing one, set COPYDESK_DATA_DIR."
            )
        handle = _Handle(self.path)
        try:
            for component, (schema, formerly) in self._expected.items():
                self._bring_up_to_date(handle.connection, component, schema, formerly)
        except BaseException:
            handle.close()
            raise
        return handle

    def _bring_up_to_date(self, connection: sqlite3.Connection, component: str, schema: Schema, formerly: str) -> None:
        """Migrate tables of an earlier Copydesk; leave missing ones missing."""
        version = _version(connection, component, formerly)
        if version is None:
            return
        self._check_version(component, version, len(schema))
        if version < len(schema):
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                self._migrate(connection, component, schema, formerly)

    def _check_version(self, component: str, version: int, known: int) -> None:
        if version > known:
            raise BadInput(
                f"{self.path} is from a newer Copydesk ({component} {version}, this one knows {known}). "
                "Upgrade Copydesk, or set another file in COPYDESK_INDEX_URL."
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as e:
            code = getattr(e, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary error code
            if code in _UNAVAILABLE:
                advice = "Check its folder, permissions and disk space."
                raise Unavailable(f"Cannot use the database {self.path}: {e}. {advice}") from e
            if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                advice = "Set another file, or restore a backup."
                raise BadInput(f"{self.path} is not an intact SQLite database: {e}. {advice}") from e
            if str(e).startswith("no such table"):
                advice = "To create missing tables, run: copydesk index setup"
                raise BadInput(f"The store at {self.path} is incomplete: {e}. {advice}") from e
            raise


_UNAVAILABLE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
)


def _version(connection: sqlite3.Connection, component: str, formerly: str) -> int | None:
    """Return the version of a component's tables, or None if there are none."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_versions'").fetchone():
        return None
    sql = "SELECT max(version) FROM schema_versions WHERE component IN (?, ?)"
    version: int | None = connection.execute(sql, (component, formerly)).fetchone()[0]
    return version


def _make_folder(folder: Path) -> None:
    try:
        make_private_folder(folder)
    except OSError as e:
        message = f"Cannot create the database folder {folder}: {e.strerror}. Set another folder in COPYDESK_DATA_DIR."
        if e.errno in PASSING_ERRORS:
            raise Unavailable(message) from e
        raise BadInput(message) from None


class _Handle:
    """A connection that is closed when its thread ends."""

    def __init__(self, path: Path) -> None:
        self.pid = os.getpid()
        self.connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        try:
            self._configure()
        except BaseException:
            self.connection.close()
            raise

    def _configure(self) -> None:
        execute = self.connection.execute
        if execute("PRAGMA journal_mode").fetchone()[0] != "wal":  # the file keeps it; setting it again needs a lock
            execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA foreign_keys = ON")
        execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def close(self) -> None:
        if self.pid == os.getpid():
            self.connection.close()

    def __del__(self) -> None:
        if hasattr(self, "connection"):
            self.close()
