"""The articles that a query finds: numbers in a temporary table of the connection, or all articles.

Text, dates, ids and filters without a facet decide which articles enter the table. A filter with a facet is applied
later, to everything but its own facet, whose counts show the other choices.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from worker.model.query import FIELDS, Query
from worker.search.histogram import millis
from worker.storage.sqlite.article_rows import UNDATED
from worker.storage.sqlite.fts_query import COLUMNS, host_condition

_SCORE = f"-bm25(article_words, {', '.join(str(c.weight) for c in COLUMNS)})"

Condition = tuple[str, list[Any]]  #: SQL with a placeholder for an article's {number}, and its parameters


class ResultSet:
    """The result of a query within one transaction, so that hits and counts are of the same moment."""

    def __init__(self, connection: sqlite3.Connection, query: Query, match: str, *, with_scores: bool) -> None:
        self._execute = connection.execute
        self._later = {name: f for name, f in _filters(query).items() if name in query.facets}
        now = [f for name, f in _filters(query).items() if name not in query.facets] + _dates(query) + _ids(query)
        self.is_everything = not match and not now  #: True if the query excludes no article before the later filters
        if not self.is_everything:
            self._keep(match, [*now, *_range(query)] if match else now, _SCORE if with_scores else "NULL")

    def source(self, table: str, *, without: str | None = None, is_driven_by_table: bool = False) -> Condition:
        """Return FROM and WHERE over `table t`, joined by its column `number` to the matches `m`.

        Leaves out the filter named `without`. With `is_driven_by_table`, SQLite goes through the table in its order.
        """
        conditions = [f for name, f in self._later.items() if name != without]
        where = " AND ".join(["1", *(sql.format(number="t.number") for sql, _ in conditions)])
        parameters = [p for _, values in conditions for p in values]
        if self.is_everything:
            return f"FROM {table} t WHERE {where}", parameters
        joined = (f"{table} t", "temp.matches m") if is_driven_by_table else ("temp.matches m", f"{table} t")
        return f"FROM {joined[0]} CROSS JOIN {joined[1]} ON m.number = t.number WHERE {where}", parameters

    def count(self) -> int:
        """Return the number of articles found."""
        if not self._later and not self.is_everything:
            return int(self._execute("SELECT count(*) FROM temp.matches").fetchone()[0])
        source, parameters = self.source("articles")
        return int(self._execute(f"SELECT count(*) {source}", parameters).fetchone()[0])

    def is_most(self, wanted: int) -> bool:
        """Return True if going through all articles finds `wanted` matches faster than sorting the matches."""
        if self.is_everything:
            return True
        matches = int(self._execute("SELECT count(*) FROM temp.matches").fetchone()[0])
        total = int(self._execute("SELECT count(*) FROM articles").fetchone()[0])
        return wanted * total < matches * matches

    def _keep(self, match: str, conditions: list[Condition], score: str) -> None:
        self._execute("CREATE TEMP TABLE IF NOT EXISTS matches (number INTEGER PRIMARY KEY, score REAL)")
        self._execute("DELETE FROM temp.matches")
        # The plus sign keeps SQLite from evaluating MATCH once for each number of a list.
        where = [sql.format(number="+rowid") for sql, _ in conditions]
        parameters = [p for _, values in conditions for p in values]
        if match:
            where, parameters = ["article_words MATCH ?", *where], [match, *parameters]
        table, score = ("article_words", score) if match else ("articles", "NULL")
        self._execute(
            f"INSERT INTO temp.matches SELECT rowid, {score} FROM {table} WHERE {' AND '.join(where)}",  # noqa: S608
            parameters,
        )


def _filters(query: Query) -> Mapping[str, Condition]:
    return {name: _filter(name, values) for name, values in query.filters.items()}


def _filter(name: str, values: tuple[str, ...]) -> Condition:
    is_one, chosen = host_condition("value", values) if name == "host" else (f"value IN ({_marks(values)})", [*values])
    sql = f"{{number}} IN (SELECT number FROM article_values WHERE field = ? AND {is_one})"  # noqa: S608
    return sql, [FIELDS[name], *chosen]


def _dates(query: Query) -> list[Condition]:
    if not query.since and not query.until:
        return []
    bounds = [(">=", query.since), ("<", query.until)]
    given = [(sign, millis(moment)) for sign, moment in bounds if moment] + [("<", UNDATED)]
    where = " AND ".join(f"oldest {sign} ?" for sign, _ in given)
    return [(f"{{number}} IN (SELECT number FROM articles WHERE {where})", [value for _, value in given])]  # noqa: S608


def _ids(query: Query) -> list[Condition]:
    if not query.ids:
        return []
    return [(f"{{number}} IN (SELECT number FROM articles WHERE id IN ({_marks(query.ids)}))", [*query.ids])]  # noqa: S608


def _range(query: Query) -> list[Condition]:
    """Return the range of numbers that contains all of `ids`: the full-text table reads a range fast."""
    if not query.ids:
        return []
    numbers = f"FROM articles WHERE id IN ({_marks(query.ids)})"
    ends = f"(SELECT min(number) {numbers}) AND (SELECT max(number) {numbers})"
    return [(f"rowid BETWEEN {ends}", [*query.ids, *query.ids])]


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))
