"""The article index in the SQLite file."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from worker.model.query import Highlights
from worker.model.records import Document
from worker.search.service import Fields, RawResults, SearchRequest
from worker.search.spelling import KnownWord
from worker.search.validation import objection
from worker.storage.document_json import from_json
from worker.storage.ports import Generation, RebuildResult, Renew, WriteResult
from worker.storage.sqlite.article_rows import SCHEMA, ArticleRows, remove
from worker.storage.sqlite.database import Database
from worker.storage.sqlite.search import Search, known_words, similar

BATCH = 200  #: documents read with one statement
REBUILD_BATCH = 100  #: documents of one rebuild transaction: other writers wait no longer than it takes
_DOCUMENTS = "SELECT id, document FROM articles JOIN article_contents USING (number)"
_AFTER = (
    "SELECT number, version, document FROM articles JOIN article_contents USING (number) "
    "WHERE number > ? ORDER BY number LIMIT ?"
)


class SqliteIndex:
    """An implementation of `ports.Index` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.expect("articles", SCHEMA)

    def setup(self) -> None:
        """Implement `ports.Index.setup`."""
        self._database.migrate("articles", SCHEMA)

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Implement `ports.Index.write`."""
        prepared = [objection(d) or ArticleRows(d) for d in documents]  # the slow part, before other writers wait
        with self._database.write() as connection:
            return [_write(connection, d.id, p) for d, p in zip(documents, prepared, strict=True)]

    def get(self, ids: Sequence[str]) -> list[Document | None]:
        """Implement `ports.Index.get`."""
        found = self._fields(ids)
        return [from_json(found[id]) if id in found else None for id in ids]

    def find(self, request: SearchRequest) -> RawResults:
        """Implement `SearchBackend.find`."""
        with self._database.read() as connection:
            return Search(connection, request).page()

    def find_all(self, request: SearchRequest) -> Iterator[Fields]:
        """Implement `SearchBackend.find_all`."""
        with self._database.read() as connection:
            ids = Search(connection, request).ids()
        for i in range(0, len(ids), BATCH):
            found = self._fields(ids[i : i + BATCH])
            yield from (found[id] for id in ids[i : i + BATCH] if id in found)

    def find_similar(self, id: str, size: int) -> RawResults:
        """Implement `SearchBackend.find_similar`."""
        with self._database.read() as connection:
            return similar(connection, id, size)

    def known_words(self, words: Sequence[str], limit: int) -> Mapping[str, Sequence[KnownWord]]:
        """Implement `SearchBackend.known_words`."""
        with self._database.read() as connection:
            return known_words(connection, words, limit)

    def highlight(
        self,
        request: SearchRequest,  # noqa: ARG002
        languages: Mapping[str, str | None],  # noqa: ARG002
    ) -> Mapping[str, Highlights]:
        """Return nothing: the words are stemmed by the same code that highlights them."""
        return {}

    def delete(self, ids: Sequence[str]) -> int:
        """Implement `ports.Index.delete`."""
        with self._database.write() as connection:
            rows = [row for id in dict.fromkeys(ids) if (row := _find(connection, id))]
            for row in rows:
                remove(connection, row["number"])
            return len(rows)

    def ids(self) -> Iterator[str]:
        """Implement `ports.Index.ids`."""
        after, sql = "", "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT 10000"
        while page := self._column(sql, (after,)):
            yield from page
            after = page[-1]

    def count(self) -> int:
        """Implement `ports.Index.count`."""
        return int(self._column("SELECT count(*) FROM articles")[0])

    def refresh(self) -> None:
        """Do nothing: a write is visible as soon as it is committed."""

    def check(self) -> str:
        """Implement `ports.Index.check`."""
        return f"SQLite {sqlite3.sqlite_version}, {self.count()} articles in {self._database.path}"

    def generations(self) -> list[Generation]:
        """Return the only generation: the file."""
        size = self._column("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")[0]
        return [Generation(name=str(self._database.path), documents=self.count(), size_bytes=size, is_current=True)]

    def rebuild(self, progress: Callable[[int, int], None], renew: Renew | None = None) -> RebuildResult:
        """Write every document again, in batches of one transaction each.

        An interrupted rebuild leaves some documents as they were; repeating it does no harm.
        """
        began, after, done, paused_s = time.monotonic(), 0, 0, 0.0
        while batch := self._batch(after):
            stored = [from_json(json.loads(row["document"])) for row in batch]
            new = [ArticleRows(document) for document in (renew(stored) if renew else stored)]
            paused = time.monotonic()
            self._replace(batch, new)
            paused_s = max(paused_s, time.monotonic() - paused)
            after, done = batch[-1]["number"], done + len(batch)
            left = self._column("SELECT count(*) FROM articles WHERE number > ?", (after,))[0]
            progress(done, done + left)
        path, elapsed_s = str(self._database.path), time.monotonic() - began
        return RebuildResult(name=path, previous=path, documents=done, elapsed_s=elapsed_s, paused_s=paused_s)

    def drop(self) -> list[str]:
        """Return nothing: a rebuild replaces row by row and leaves nothing to drop."""
        return []

    def _fields(self, ids: Sequence[str]) -> dict[str, Fields]:
        """Return stored documents by id."""
        found: dict[str, Fields] = {}
        with self._database.read() as connection:
            for part in (ids[i : i + BATCH] for i in range(0, len(ids), BATCH)):
                marks = ", ".join("?" * len(part))
                rows = connection.execute(f"{_DOCUMENTS} WHERE id IN ({marks})", part)
                found |= {row["id"]: json.loads(row["document"]) for row in rows}
        return found

    def _batch(self, after: int) -> list[sqlite3.Row]:
        with self._database.read() as connection:
            return connection.execute(_AFTER, (after, REBUILD_BATCH)).fetchall()

    def _replace(self, batch: Sequence[sqlite3.Row], new: Sequence[ArticleRows]) -> None:
        """Replace documents, except those that were deleted or written since the batch was read."""
        with self._database.write() as connection:
            for old, rows in zip(batch, new, strict=True):
                is_same = connection.execute(
                    "SELECT 1 FROM articles WHERE number = ? AND id = ? AND version = ?",
                    (old["number"], rows.id, old["version"]),
                ).fetchone()
                if is_same:
                    rows.replace(connection, old["number"])

    def _column(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(sql, parameters)]


def _find(connection: sqlite3.Connection, id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("SELECT number, version FROM articles WHERE id = ?", (id,)).fetchone()
    return row


def _write(connection: sqlite3.Connection, id: str, rows: ArticleRows | str) -> WriteResult:
    if isinstance(rows, str):
        return WriteResult(id=id, status="refused", reason=rows)
    current = _find(connection, id)
    if current and current["version"] >= rows.version:
        return WriteResult(id=id, status="stale")
    try:
        connection.execute("SAVEPOINT document")
        rows.replace(connection, current["number"] if current else None)
        connection.execute("RELEASE document")
    except (sqlite3.DataError, OverflowError) as e:  # a value that is longer than SQLite allows
        connection.execute("ROLLBACK TO document")
        return WriteResult(id=id, status="refused", reason=str(e))
    return WriteResult(id=id, status="written")
