"""Every document analysed anew, batch by batch, while searches and writes go on. Each batch is a transaction: whoever
breaks off leaves some documents as they were, and a repetition does no harm."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence

from worker.storage.document_json import from_json
from worker.storage.ports import RebuildResult, Renew
from worker.storage.sqlite.article_rows import Rows
from worker.storage.sqlite.database import Database

BATCH = 100  #: documents in one transaction: others wait for no longer than it takes


def rebuild(database: Database, progress: Callable[[int, int], None], renew: Renew | None = None) -> RebuildResult:
    began, after, done, paused_s = time.monotonic(), 0, 0, 0.0
    while batch := _read(database, after):
        stood = [from_json(json.loads(row["document"])) for row in batch]
        rows = [Rows(document) for document in (renew(stood) if renew else stood)]
        paused = time.monotonic()
        _write(database, batch, rows)
        paused_s = max(paused_s, time.monotonic() - paused)
        after, done = batch[-1]["number"], done + len(batch)
        progress(done, done + _left(database, after))
    elapsed_s = time.monotonic() - began
    path = str(database.path)
    return RebuildResult(name=path, previous=path, documents=done, elapsed_s=elapsed_s, paused_s=paused_s)


def _read(database: Database, after: int) -> list[sqlite3.Row]:
    with database.read() as connection:
        sql = (
            "SELECT number, version, document FROM articles JOIN article_contents USING (number) "
            "WHERE number > ? ORDER BY number LIMIT ?"
        )
        return connection.execute(sql, (after, BATCH)).fetchall()


def _write(database: Database, batch: Sequence[sqlite3.Row], rows: Sequence[Rows]) -> None:
    """Unless a document was deleted or written since it was read; then it is as it should be."""
    with database.write() as connection:
        for old, new in zip(batch, rows, strict=True):
            there = connection.execute(
                "SELECT 1 FROM articles WHERE number = ? AND id = ? AND version = ?",
                (old["number"], new.id, old["version"]),
            ).fetchone()
            if there:
                new.replace(connection, old["number"])


def _left(database: Database, after: int) -> int:
    with database.read() as connection:
        return int(connection.execute("SELECT count(*) FROM articles WHERE number > ?", (after,)).fetchone()[0])
