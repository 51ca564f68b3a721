"""One search in SQLite: what matches, how it is ordered and paged, and what is counted over it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from worker.queries import FIELDS, Bucket, Hit, Query, Results
from worker.storing import cursors
from worker.storing.documents import from_json
from worker.storing.intervals import fitting
from worker.storing.moments import millis
from worker.storing.query_language import Parsed
from worker.storing.sqlite.highlighting import highlights
from worker.storing.sqlite.matching import COLUMNS, expression
from worker.storing.sqlite.rows import UNDATED

_WEIGHTS = ", ".join(str(c.weight) for c in COLUMNS)

Parameters = list[Any]


class Search:
    """Works within one transaction, so that hits and counts speak of the same moment."""

    def __init__(self, connection: sqlite3.Connection, query: Query, parsed: Parsed) -> None:
        self._execute = connection.execute
        self._query = query
        self._parsed = parsed
        self._match = expression(parsed.node, query.scope)
        self._by_score = query.sort == "relevance" and bool(self._match)
        if self._match:
            self._keep_matches()

    def results(self, suggest: Callable[[], str | None]) -> Results:
        """A page of hits with what is counted beside them; `suggest` is asked only if nothing was found."""
        total = self._count()
        hits, cursor = self._hits()
        interval = self._interval()
        return Results(
            total=total,
            hits=hits,
            facets={name: self._facet(name) for name in self._query.facets},
            histogram=self._histogram(interval) if interval else (),
            interval=interval,
            next_cursor=cursor,
            notes=self._parsed.notes,
            suggestion=suggest() if total == 0 and not self._query.ids else None,
        )

    def ids(self) -> list[str]:
        """Of all documents found, in the order asked for."""
        source, parameters = self._found()
        return [r["id"] for r in self._execute(f"SELECT a.id {source} ORDER BY {self._order()}", parameters)]

    def _keep_matches(self) -> None:
        """The text is looked up once; everything else joins its result."""
        self._execute("CREATE TEMP TABLE IF NOT EXISTS matches (number INTEGER PRIMARY KEY, score REAL)")
        self._execute("DELETE FROM temp.matches")
        score = f"-bm25(article_words, {_WEIGHTS})" if self._by_score else "NULL"
        near, ids = self._near()
        self._execute(
            f"INSERT INTO temp.matches SELECT rowid, {score} FROM article_words WHERE article_words MATCH ? {near}",  # noqa: S608
            [self._match, *ids],
        )

    def _near(self) -> tuple[str, Parameters]:
        """The stretch of documents in which all of `ids` lie: FTS5 walks a stretch fast, and a list of them slowly."""
        if not self._query.ids:
            return "", []
        numbers = f"FROM articles WHERE id IN ({_marks(self._query.ids)})"
        near = f"AND rowid BETWEEN (SELECT min(number) {numbers}) AND (SELECT max(number) {numbers})"
        return near, [*self._query.ids, *self._query.ids]

    def _found(self, *, without: str | None = None) -> tuple[str, Parameters]:
        """FROM and WHERE of the documents found; `without` names a filter that shall not count."""
        joined = "temp.matches m CROSS JOIN articles a USING (number)" if self._match else "articles a"
        conditions = ["1"]
        parameters: Parameters = []
        if self._query.since:
            conditions.append("a.oldest >= ?")
            parameters.append(millis(self._query.since))
        if self._query.until:
            conditions.append("a.oldest < ?")
            parameters.append(millis(self._query.until))
        if self._query.since or self._query.until:
            conditions.append(f"a.oldest < {UNDATED}")
        if self._query.ids:
            conditions.append(f"a.id IN ({_marks(self._query.ids)})")
            parameters += self._query.ids
        for name, values in self._query.filters.items():
            if name != without:
                conditions.append(
                    f"a.number IN (SELECT number FROM article_values WHERE field = ? AND value IN ({_marks(values)}))"  # noqa: S608
                )
                parameters += [FIELDS[name], *values]
        return f"FROM {joined} WHERE {' AND '.join(conditions)}", parameters

    def _count(self) -> int:
        source, parameters = self._found()
        return int(self._execute(f"SELECT count(*) {source}", parameters).fetchone()[0])

    def _hits(self) -> tuple[tuple[Hit, ...], str | None]:
        if self._query.size == 0:
            return (), None
        source, parameters = self._found()
        after, bounds = self._after()
        rows = self._execute(
            f"SELECT a.id, a.document, a.newest, a.oldest, {self._score()} AS score {source} {after} "
            f"ORDER BY {self._order()} LIMIT ?",
            [*parameters, *bounds, self._query.size + 1],
        ).fetchall()
        page = rows[: self._query.size]
        cursor = cursors.pack(self._query, page[-1][self._key()], page[-1]["id"]) if len(rows) > len(page) else None
        return tuple(self._hit(row) for row in page), cursor

    def _hit(self, row: sqlite3.Row) -> Hit:
        fields = json.loads(row["document"])
        texts = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
        shown = highlights(self._parsed.node, self._query.scope, fields.get("language"), texts)
        return Hit(document=from_json(fields), score=row["score"], highlights=shown)

    def _key(self) -> str:
        return "score" if self._by_score else "oldest" if self._query.sort == "oldest" else "newest"

    def _score(self) -> str:
        return "m.score" if self._by_score else "NULL"

    def _order(self) -> str:
        return "m.score DESC, a.id" if self._by_score else f"a.{self._key()}, a.id"

    def _after(self) -> tuple[str, Parameters]:
        """The condition that leads to the page behind the cursor."""
        keys = cursors.unpack(self._query, 2)
        if keys is None:
            return "", []
        if not self._by_score:
            return f"AND (a.{self._key()}, a.id) > (?, ?)", keys
        score = self._score_now(*keys)
        return "AND (m.score < ? OR (m.score = ? AND a.id > ?))", [score, score, keys[1]]

    def _score_now(self, score: float, id: str) -> float:
        """Of the last hit of the page before. Each write shifts the scores of all a little; places hardly change."""
        found = self._execute(
            "SELECT m.score FROM articles a JOIN temp.matches m USING (number) WHERE a.id = ?", (id,)
        ).fetchone()
        return float(found["score"] if found else score)

    def _facet(self, name: str) -> tuple[Bucket, ...]:
        """Counted without its own filter, so that one sees what else could be chosen."""
        source, parameters = self._found(without=name)
        rows = self._execute(
            f"SELECT v.value, count(*) AS count FROM article_values v WHERE v.field = ? "  # noqa: S608
            f"AND v.number IN (SELECT a.number {source}) GROUP BY v.value ORDER BY count DESC, v.value LIMIT ?",
            [FIELDS[name], *parameters, self._query.facet_size],
        )
        return tuple(Bucket(value=row["value"], count=row["count"]) for row in rows)

    def _interval(self) -> str | None:
        if self._query.histogram != "auto":
            return self._query.histogram
        source, parameters = self._found()
        sql = f"SELECT min(a.oldest), max(a.oldest) {source} AND a.oldest < {UNDATED}"
        first, last = self._execute(sql, parameters).fetchone()
        return fitting(last - first) if first is not None else "day"

    def _histogram(self, interval: str) -> tuple[Bucket, ...]:
        source, parameters = self._found()
        rows = self._execute(
            f"SELECT {_BEGINS[interval]} AS begins, count(*) AS count {source} AND a.oldest < {UNDATED} "
            "GROUP BY begins ORDER BY min(a.oldest)",
            parameters,
        )
        return tuple(Bucket(value=row["begins"], count=row["count"]) for row in rows)


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


#: The UTC date on which the interval of a publication time begins; weeks begin on Monday.
_DATE = "a.oldest / 1000.0, 'unixepoch'"
_BEGINS = {
    "day": f"date({_DATE})",
    "week": f"date({_DATE}, '-6 days', 'weekday 1')",
    "month": f"date({_DATE}, 'start of month')",
    "year": f"date({_DATE}, 'start of year')",
}
