"""The ledger as a table of the SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from worker.model.records import Outcome, Row, State
from worker.storage import row_json, row_transitions
from worker.storage.ledger_base import LedgerBase
from worker.storage.ports import Change, Delete, Put
from worker.storage.sqlite.database import Database
from worker.storage.sqlite.fts_query import host_condition

PAGE = 1000  #: rows that `scan` reads in one transaction

SCHEMA = (
    (
        """
        CREATE TABLE ledger (
            id TEXT PRIMARY KEY,
            url TEXT NOT NULL,
            canonical_url TEXT NOT NULL,
            host TEXT NOT NULL,
            source TEXT NOT NULL,
            state TEXT NOT NULL,
            crawl INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            hops INTEGER NOT NULL,
            outcome TEXT,
            reason TEXT,
            detail TEXT,
            queued_at TEXT,
            settled_at TEXT,
            first_seen_at TEXT,
            http_status INTEGER,
            etag TEXT,
            last_modified TEXT,
            content_hash TEXT,
            article_id TEXT,
            gone_at TEXT,
            next_crawl_at TEXT,
            changed_at TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX ledger_queued ON ledger (queued_at) WHERE state = 'queued'",
        "CREATE INDEX ledger_due ON ledger (next_crawl_at) WHERE next_crawl_at IS NOT NULL",
        "CREATE INDEX ledger_article ON ledger (article_id) WHERE article_id IS NOT NULL",
        "CREATE INDEX ledger_aged ON ledger (first_seen_at) WHERE article_id = id",
        "CREATE INDEX ledger_outcome ON ledger (state, outcome, reason)",
        "CREATE INDEX ledger_changed ON ledger (changed_at)",
        "CREATE INDEX ledger_host ON ledger (host, changed_at)",
    ),
    # Version 1 had another name for finished rows.
    (
        "ALTER TABLE ledger RENAME COLUMN settled_at TO finished_at",
        "UPDATE ledger SET state = 'finished' WHERE state = 'settled'",
    ),
)
COLUMNS = (*Row.__dataclass_fields__, "changed_at")
GET = "SELECT * FROM ledger WHERE id IN (SELECT value FROM json_each(?))"
PUT = f"INSERT OR REPLACE INTO ledger ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{c}' for c in COLUMNS)})"  # noqa: S608


class SqliteLedger(LedgerBase):
    """An implementation of `ports.Ledger` on SQLite. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.expect("ledger", SCHEMA)

    def setup(self) -> None:
        """Implement `ports.Ledger.setup`."""
        self._database.migrate("ledger", SCHEMA)

    def get(self, ids: Sequence[str]) -> list[Row | None]:
        """Implement `ports.Ledger.get`."""
        with self._database.read() as connection:
            found = _get(connection, ids)
        return [found.get(id) for id in ids]

    def _change(self, ids: Iterable[str], change: Change[Row]) -> None:
        with self._database.write() as connection:
            found = _get(connection, list(ids := dict.fromkeys(ids)))
            decisions = {id: change(id, found.get(id)) for id in ids}
            written = [row_json.to_dict(d.value) for d in decisions.values() if isinstance(d, Put)]
            deleted = [(id,) for id, decision in decisions.items() if isinstance(decision, Delete)]
            connection.executemany(PUT, written)
            connection.executemany("DELETE FROM ledger WHERE id = ?", deleted)

    def waiting(self, before: datetime, limit: int, after: Row | None = None) -> list[Row]:
        """Implement `ports.Ledger.waiting`."""
        sql = """SELECT * FROM ledger WHERE state = 'queued' AND queued_at < ? AND (queued_at, id) > (?, ?)
                 ORDER BY queued_at, id LIMIT ?"""
        last = (row_json.to_text(after.queued_at), after.id) if after else ("", "")
        with self._database.read() as connection:
            found = connection.execute(sql, (row_json.to_text(before), *last, limit))
            return [row_json.from_dict(dict(r)) for r in found]

    def due(self, now: datetime, limit: int) -> list[Row]:
        """Implement `ports.Ledger.due`."""
        sql = "SELECT * FROM ledger WHERE state = 'finished' AND next_crawl_at <= ? ORDER BY next_crawl_at, id LIMIT ?"
        with self._database.read() as connection:
            return [row_json.from_dict(dict(r)) for r in connection.execute(sql, (row_json.to_text(now), limit))]

    def aged(self, before: datetime, limit: int) -> list[Row]:
        """Implement `ports.Ledger.aged`."""
        # The plus sign keeps SQLite from using the index of the state, which nearly all rows share.
        sql = """SELECT * FROM ledger WHERE article_id = id AND +state = 'finished' AND first_seen_at < ?
                 ORDER BY first_seen_at, id LIMIT ?"""
        with self._database.read() as connection:
            return [row_json.from_dict(dict(r)) for r in connection.execute(sql, (row_json.to_text(before), limit))]

    def counts(self) -> Mapping[str, int]:
        """Implement `ports.Ledger.counts`."""
        sql = "SELECT state, outcome, reason, count(*) FROM ledger GROUP BY state, outcome, reason"
        with self._database.read() as connection:
            return row_transitions.tally(connection.execute(sql))

    def failing(self, limit: int) -> list[tuple[str, str, int]]:
        """Implement `ports.Ledger.failing`."""
        sql = """SELECT host, reason, count(*) AS n FROM ledger WHERE state = 'finished' AND outcome = 'failed'
                 AND reason IS NOT NULL GROUP BY host, reason ORDER BY n DESC, host, reason LIMIT ?"""
        with self._database.read() as connection:
            return [(r["host"], r["reason"], r["n"]) for r in connection.execute(sql, (limit,))]

    def rows(
        self,
        *,
        state: State | None = None,
        outcomes: Sequence[Outcome] = (),
        host: str | None = None,
        reason: str | None = None,
        article_id: str | None = None,
        limit: int = 100,
    ) -> list[Row]:
        """Implement `ports.Ledger.rows`."""
        wanted = {"state = ?": state, "reason = ?": reason, "article_id = ?": article_id}
        wanted["outcome IN (SELECT value FROM json_each(?))"] = json.dumps(outcomes) if outcomes else None
        given = [(condition, [value]) for condition, value in wanted.items() if value is not None]
        given += [host_condition("host", [host])] if host is not None else []
        where = " AND ".join(condition for condition, _ in given) or "TRUE"
        values = [value for _, parameters in given for value in parameters]
        sql = f"SELECT * FROM ledger WHERE {where} ORDER BY changed_at DESC, id LIMIT ?"  # noqa: S608
        with self._database.read() as connection:
            return [row_json.from_dict(dict(r)) for r in connection.execute(sql, (*values, limit))]

    def scan(self) -> Iterator[Row]:
        """Implement `ports.Ledger.scan`."""
        last = ""
        while page := self._page(last):
            yield from page
            last = page[-1].id

    def _page(self, after: str) -> list[Row]:
        with self._database.read() as connection:
            found = connection.execute("SELECT * FROM ledger WHERE id > ? ORDER BY id LIMIT ?", (after, PAGE))
            return [row_json.from_dict(dict(r)) for r in found]

    def refresh(self) -> None:
        """Do nothing: a write is visible as soon as it is committed."""


def _get(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Row]:
    return {r["id"]: row_json.from_dict(dict(r)) for r in connection.execute(GET, (json.dumps(list(ids)),))}
