"""One search in SQLite: what matches, how it is ordered and paged, and what is counted over it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from worker.model.query import Hit, Query, Results
from worker.search import cursors
from worker.search.highlighting import highlights
from worker.search.query_parser import Parsed
from worker.storage.document_json import from_json
from worker.storage.sqlite.facets import facet, histogram
from worker.storage.sqlite.fts_query import expression
from worker.storage.sqlite.result_set import Found


class Search:
    """One query in one transaction."""

    def __init__(self, connection: sqlite3.Connection, query: Query, parsed: Parsed) -> None:
        self._query = query
        self._parsed = parsed
        match = expression(parsed.node, query.scope)
        self._by_score = query.sort == "relevance" and bool(match)
        self._found = Found(connection, query, match, with_scores=self._by_score)

    def results(self, suggest: Callable[[], str | None]) -> Results:
        """A page of hits with what is counted beside them; `suggest` is asked only if nothing was found."""
        query = self._query
        total = self._found.count()
        hits, cursor = self._hits() if query.size else ((), None)
        interval, buckets = histogram(self._found, query.histogram) if query.histogram else (None, ())
        return Results(
            total=total,
            hits=hits,
            facets={name: facet(self._found, name, query.facet_size) for name in dict.fromkeys(query.facets)},
            histogram=buckets,
            interval=interval,
            next_cursor=cursor,
            notes=self._parsed.notes,
            suggestion=suggest() if total == 0 and not query.ids else None,
        )

    def ids(self) -> list[str]:
        """Of all documents found, in the order asked for."""
        source, parameters = self._found.source("articles")
        return [row["id"] for row in self._found.execute(f"SELECT t.id {source} ORDER BY {self._order()}", parameters)]

    def _hits(self) -> tuple[tuple[Hit, ...], str | None]:
        by_index = not self._by_score and self._found.is_most(self._query.size)
        source, parameters = self._found.source("articles", is_driven_by_table=by_index)
        after, bounds = self._after()
        rows = self._found.execute(
            f"SELECT t.number, t.id, t.newest, t.oldest, {self._score()} AS score {source} {after} "
            f"ORDER BY {self._order()} LIMIT ?",
            [*parameters, *bounds, self._query.size + 1],
        ).fetchall()
        page = rows[: self._query.size]
        cursor = cursors.pack(self._query, page[-1][self._key()], page[-1]["id"]) if len(rows) > len(page) else None
        return tuple(self._hit(row) for row in page), cursor

    def _hit(self, row: sqlite3.Row) -> Hit:
        document = self._found.execute("SELECT document FROM article_contents WHERE number = ?", (row["number"],))
        fields = json.loads(document.fetchone()["document"])
        texts = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
        shown = highlights(self._parsed.node, self._query.scope, fields.get("language"), texts)
        return Hit(document=from_json(fields), score=row["score"], highlights=shown)

    def _key(self) -> str:
        return "score" if self._by_score else "oldest" if self._query.sort == "oldest" else "newest"

    def _score(self) -> str:
        return "m.score" if self._by_score else "NULL"

    def _order(self) -> str:
        return "m.score DESC, t.id" if self._by_score else f"t.{self._key()}, t.id"

    def _after(self) -> tuple[str, list[Any]]:
        """The condition that leads to the page behind the cursor."""
        keys = cursors.unpack(self._query, by_score=self._by_score)
        if keys is None:
            return "", []
        if not self._by_score:
            return f"AND (t.{self._key()}, t.id) > (?, ?)", [*keys]
        score = self._score_now(*keys)
        return "AND (m.score < ? OR (m.score = ? AND t.id > ?))", [score, score, keys[1]]

    def _score_now(self, score: float, id: str) -> float:
        """Of the last hit of the page before. Each write shifts the scores of all a little; places hardly change."""
        found = self._found.execute(
            "SELECT m.score FROM articles a JOIN temp.matches m USING (number) WHERE a.id = ?", (id,)
        ).fetchone()
        return float(found["score"] if found else score)
