"""The articles in SQLite: written by version, found by words, values and dates."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from worker.model.query import Query, Results
from worker.model.records import Document
from worker.search.query_parser import parse
from worker.search.validation import check_query, objection
from worker.storage.document_json import from_json
from worker.storage.ports import Generation, RebuildResult, Renew, WriteResult
from worker.storage.sqlite.article_rows import SCHEMA, Rows, remove
from worker.storage.sqlite.database import Database
from worker.storage.sqlite.more_like_this import similar
from worker.storage.sqlite.reindex import rebuild
from worker.storage.sqlite.search import Search
from worker.storage.sqlite.spelling import suggestion

BATCH = 200  #: documents that are read at once
_DOCUMENTS = "SELECT id, document FROM articles JOIN article_contents USING (number)"


class SqliteIndex:
    """`ports.Index` in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def setup(self) -> None:
        self._database.migrate("articles", SCHEMA)

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        prepared = [objection(d) or Rows(d) for d in documents]  # the slow part, before others have to wait
        with self._database.write() as connection:
            return [_write(connection, d.id, p) for d, p in zip(documents, prepared, strict=True)]

    def get(self, ids: Sequence[str]) -> list[Document | None]:
        found: dict[str, Document] = {}
        with self._database.read() as connection:
            for part in (ids[i : i + BATCH] for i in range(0, len(ids), BATCH)):
                marks = ", ".join("?" * len(part))
                rows = connection.execute(f"{_DOCUMENTS} WHERE id IN ({marks})", part)
                found |= {row["id"]: from_json(json.loads(row["document"])) for row in rows}
        return [found.get(id) for id in ids]

    def search(self, query: Query) -> Results:
        check_query(query)
        parsed = parse(query.text)
        with self._database.read() as connection:
            return Search(connection, query, parsed).results(lambda: suggestion(connection, query.text, parsed.node))

    def similar(self, id: str, size: int) -> Results:
        check_query(Query(size=size))
        with self._database.read() as connection:
            return similar(connection, id, size)

    def export(self, query: Query) -> Iterator[Document]:
        check_query(query)
        with self._database.read() as connection:
            ids = Search(connection, query, parse(query.text)).ids()
        for i in range(0, len(ids), BATCH):
            yield from (d for d in self.get(ids[i : i + BATCH]) if d)

    def delete(self, ids: Sequence[str]) -> int:
        with self._database.write() as connection:
            there = [found for id in dict.fromkeys(ids) if (found := _find(connection, id))]
            for row in there:
                remove(connection, row["number"])
            return len(there)

    def ids(self) -> Iterator[str]:
        after, sql = "", "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT 10000"
        while page := self._column(sql, (after,)):
            yield from page
            after = page[-1]

    def count(self) -> int:
        (found,) = self._column("SELECT count(*) FROM articles", ())
        return int(found)

    def refresh(self) -> None:
        """Nothing to do: a write is visible as soon as it is committed."""

    def check(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}, {self.count()} articles in {self._database.path}"

    def generations(self) -> list[Generation]:
        size = self._column("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", ())[0]
        return [Generation(name=str(self._database.path), documents=self.count(), size_bytes=size, is_current=True)]

    def rebuild(self, progress: Callable[[int, int], None], renew: Renew | None = None) -> RebuildResult:
        return rebuild(self._database, progress, renew)

    def drop(self) -> list[str]:
        return []  # a rebuild replaces row by row and leaves nothing behind

    def _column(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(sql, parameters)]


def _find(connection: sqlite3.Connection, id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("SELECT number, version FROM articles WHERE id = ?", (id,)).fetchone()
    return row


def _write(connection: sqlite3.Connection, id: str, rows: Rows | str) -> WriteResult:
    if isinstance(rows, str):
        return WriteResult(id=id, status="refused", reason=rows)
    there = _find(connection, id)
    if there and there["version"] >= rows.version:
        return WriteResult(id=id, status="stale")
    try:
        connection.execute("SAVEPOINT document")
        rows.replace(connection, there["number"] if there else None)
        connection.execute("RELEASE document")
    except (sqlite3.DataError, OverflowError) as e:  # longer than SQLite lets a value be
        connection.execute("ROLLBACK TO document")
        return WriteResult(id=id, status="refused", reason=str(e))
    return WriteResult(id=id, status="written")
