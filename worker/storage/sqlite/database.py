"""One SQLite file that many threads and processes read and write at once.

WAL lets readers go on while one writes; a writer waits for another (`BEGIN IMMEDIATE` and the busy timeout) instead of
failing. Commits are synced to the disk (`synchronous=FULL`): what the ledger has promised outlives a power cut. Callers
write in batches, so a sync is paid per batch.
"""

from __future__ import annotations

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
CACHE_KIB = 16_384

#: One tuple of statements for each version of a component's tables, oldest first.
Schema = Sequence[Sequence[str]]


class Database:
    """Gives each thread of each process a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._handles: weakref.WeakSet[_Handle] = weakref.WeakSet()
        self._left_to_parent: list[_Handle] = []

    @classmethod
    def from_url(cls, url: str) -> Database:
        """Of a `sqlite:///path` URL; `sqlite:////path` is absolute."""
        return cls(Path(unquote(url.removeprefix("sqlite:///"))).absolute())

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot: everything read in this block stands at the same moment."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, written on leaving the block or, on an exception, not at all.

        Blocks nest: the outermost decides, so that several stores can write together.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def migrate(self, component: str, schema: Schema) -> None:
        """Bring one component's tables up to `schema`, whose length is the version. Never goes back."""
        with self.write() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_versions (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
            )
            found = connection.execute(
                "SELECT version FROM schema_versions WHERE component = ?", (component,)
            ).fetchone()
            version = found[0] if found else 0
            if version > len(schema):
                raise BadInput(
                    f"{self.path} was written by a newer Copydesk ({component} {version}, this one knows "
                    f"{len(schema)}); update Copydesk, or name another file in COPYDESK_INDEX_URL"
                )
            for statement in (s for step in schema[version:] for s in step):
                connection.execute(statement)
            connection.execute("INSERT OR REPLACE INTO schema_versions VALUES (?, ?)", (component, len(schema)))

    def close(self) -> None:
        """Close the connections of all threads of this process."""
        for handle in list(self._handles):
            handle.close()
        self._local = threading.local()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._explained():
            connection = self._connection()
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

    def _connection(self) -> sqlite3.Connection:
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle and handle.pid != os.getpid():
            self._left_to_parent.append(handle)  # SQLite forbids to use or to close it on this side of a fork
            handle = None
        if handle is None:
            _make_folder(self.path.parent)
            create_private_file(self.path)  # SQLite gives its companions the same rights
            handle = self._local.handle = _Handle(self.path)
            self._handles.add(handle)
        return handle.connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as e:
            code = getattr(e, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest a refinement
            if code in _UNAVAILABLE:
                raise Unavailable(f"cannot use the database {self.path}: {e}; check its folder, rights and disk") from e
            if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise BadInput(f"{self.path} is no sound SQLite database: {e}; name another or restore a backup") from e
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


def _make_folder(folder: Path) -> None:
    try:
        make_private_folder(folder)
    except OSError as e:
        raise Unavailable(f"cannot make the folder {folder} of the database: {e.strerror}; name another one") from e


class _Handle:
    """A connection that closes when its thread ends."""

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
        if execute("PRAGMA journal_mode").fetchone()[0] != "wal":  # kept in the file: to set it again needs a lock
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
