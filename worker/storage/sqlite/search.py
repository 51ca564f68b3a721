"""Searches in the SQLite file: raw hits, facets, day counts, similar articles and known words.

See `worker.search.service` for the rest of a search.
"""

from __future__ import annotations

import heapq
import json
import math
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from worker.model.query import FIELDS, Bucket
from worker.search.fields import TEXTS
from worker.search.service import DayCounts, RawHit, RawResults, SearchRequest
from worker.search.spelling import KnownWord, max_edits
from worker.storage.sqlite.article_rows import analysed
from worker.storage.sqlite.fts_query import expression
from worker.storage.sqlite.result_set import ResultSet

SIMILAR_TERMS = 25  #: number of characteristic words of an article that are looked up
SHARED = 0.3  #: share of these words that a similar article must have
CANDIDATES = 5000  #: known words that are compared with an unknown one, most frequent first


class Search:
    """One request in one transaction."""

    def __init__(self, connection: sqlite3.Connection, request: SearchRequest) -> None:
        self._connection = connection
        self._request = request
        self._query = request.query
        match = expression(request.node, request.query.scope)
        self._results = ResultSet(connection, request.query, match, with_scores=request.by_score)

    def page(self) -> RawResults:
        """Return one page of hits with its counts."""
        query = self._query
        return RawResults(
            total=self._results.count(),
            hits=self._hits() if query.size else (),
            facets={name: self._facet(name) for name in dict.fromkeys(query.facets)},
            days=self._days() if query.histogram else None,
        )

    def ids(self) -> list[str]:
        """Return the ids of all articles found, in the query's order."""
        source, parameters = self._results.source("articles")
        rows = self._connection.execute(f"SELECT t.id {source} ORDER BY {self._order()}", parameters)
        return [row["id"] for row in rows]

    def _hits(self) -> list[RawHit]:
        by_index = not self._request.by_score and self._results.is_most(self._query.size)
        source, parameters = self._results.source("articles", is_driven_by_table=by_index)
        after, bounds = self._after()
        rows = self._connection.execute(
            f"SELECT t.number, t.id, t.newest, t.oldest, {self._score()} AS score {source} {after} "
            f"ORDER BY {self._order()} LIMIT ?",
            [*parameters, *bounds, self._query.size + 1],
        ).fetchall()
        return [RawHit(fields=self._fields(row), key=row[self._key()], score=row["score"]) for row in rows]

    def _fields(self, row: sqlite3.Row) -> dict[str, Any]:
        return stored_fields(self._connection, row["number"])

    def _key(self) -> str:
        return "score" if self._request.by_score else "oldest" if self._query.sort == "oldest" else "newest"

    def _score(self) -> str:
        return "m.score" if self._request.by_score else "NULL"

    def _order(self) -> str:
        return "m.score DESC, t.id" if self._request.by_score else f"t.{self._key()}, t.id"

    def _after(self) -> tuple[str, list[Any]]:
        """Return the SQL condition for the hits after the cursor, and its parameters."""
        if self._request.after is None:
            return "", []
        key, id = self._request.after
        if not self._request.by_score:
            return f"AND (t.{self._key()}, t.id) > (?, ?)", [key, id]
        score = self._current_score(key, id)
        return "AND (m.score < ? OR (m.score = ? AND t.id > ?))", [score, score, id]

    def _current_score(self, score: float, id: str) -> float:
        """Return the present score of the last hit of the page before.

        Each write shifts all scores a little, while the order of the hits hardly changes.
        """
        found = self._connection.execute(
            "SELECT m.score FROM articles a JOIN temp.matches m USING (number) WHERE a.id = ?", (id,)
        ).fetchone()
        return float(found["score"] if found else score)

    def _facet(self, name: str) -> tuple[Bucket, ...]:
        """Return the most frequent values of a field, counted without the filter of that field."""
        by_table = self._results.is_most(1)
        source, parameters = self._results.source("article_values", without=name, is_driven_by_table=by_table)
        rows = self._connection.execute(
            f"SELECT t.value, count(*) AS count {source} AND t.field = ? GROUP BY t.value "
            "ORDER BY count DESC, t.value LIMIT ?",
            [*parameters, FIELDS[name], self._query.facet_size],
        )
        return tuple(Bucket(value=row["value"], count=row["count"]) for row in rows)

    def _days(self) -> DayCounts:
        source, parameters = self._results.source("articles")
        days = self._connection.execute(
            f"SELECT t.day, count(*) AS count, min(t.oldest) AS first, max(t.oldest) AS last {source} "
            "AND t.day IS NOT NULL GROUP BY t.day ORDER BY t.day",
            parameters,
        ).fetchall()
        counts = {date.fromordinal(row["day"]): row["count"] for row in days}
        return DayCounts(counts=counts, span_ms=days[-1]["last"] - days[0]["first"] if days else 0)


def stored_fields(connection: sqlite3.Connection, number: int) -> dict[str, Any]:
    """Return the stored JSON of the article with that number."""
    row = connection.execute("SELECT document FROM article_contents WHERE number = ?", (number,)).fetchone()
    fields: dict[str, Any] = json.loads(row["document"])
    return fields


def similar(connection: sqlite3.Connection, id: str, size: int) -> RawResults:
    """Return articles that share the most characteristic words of an article, best first.

    Works like Lucene's MoreLikeThis: a word weighs more the more often the article has it and the fewer others do.
    """
    own = connection.execute("SELECT number FROM articles WHERE id = ?", (id,)).fetchone()
    weights = _characteristic_terms(connection, own["number"]) if own else {}
    scores: dict[int, float] = {}
    shared: Counter[int] = Counter()
    for term, weight in weights.items():
        for (number,) in connection.execute("SELECT rowid FROM article_words WHERE article_words MATCH ?", (term,)):
            scores[number] = scores.get(number, 0.0) + weight
            shared[number] += 1
    least = max(2, math.ceil(SHARED * len(weights)))
    found = [n for n, count in shared.items() if count >= least and n != own["number"]]
    best = heapq.nsmallest(size, found, key=lambda n: (-scores[n], n))
    hits = [RawHit(fields=stored_fields(connection, n), key=scores[n], score=scores[n]) for n in best]
    return RawResults(total=len(found), hits=hits)


def _characteristic_terms(connection: sqlite3.Connection, number: int) -> dict[str, float]:
    """Return the quoted terms of an article with the highest weights."""
    total = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    weights = {}
    for term, frequency in _frequencies(connection, number).items():
        row = connection.execute("SELECT doc FROM article_vocabulary WHERE term = ?", (term,)).fetchone()
        if row and row["doc"] > 1:  # with 1, only this article has the word
            weights[f'"{term}"'] = frequency * math.log(1 + total / row["doc"])
    return dict(heapq.nlargest(SIMILAR_TERMS, weights.items(), key=lambda item: (item[1], item[0])))


def _frequencies(connection: sqlite3.Connection, number: int) -> Counter[str]:
    """Return how often an article has each word: its stem in a language with a stemmer, else the word itself."""
    columns = analysed(connection, number)
    texts = (columns[f"{name}_stems"] or columns[name] for name in TEXTS)
    return Counter(term for text in texts for term in text.split() if len(term) > 1)


def known_words(connection: sqlite3.Connection, words: Sequence[str], limit: int) -> dict[str, list[KnownWord]]:
    """Return the known words that resemble each of the first `limit` unknown words."""
    unknown = (word for word in words if not _is_known(connection, word))
    return {word: list(_resembling(connection, word)) for word in islice(unknown, limit)}


def _is_known(connection: sqlite3.Connection, word: str) -> bool:
    sql = "SELECT 1 FROM article_vocabulary WHERE term = ?"
    return connection.execute(sql, (word,)).fetchone() is not None


def _resembling(connection: sqlite3.Connection, word: str) -> Iterator[KnownWord]:
    """Yield the most frequent words with the same first letter and a similar length."""
    most = max_edits(word)
    rows = connection.execute(
        "SELECT term, doc FROM article_vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ? "
        "ORDER BY doc DESC, term LIMIT ?",
        (word[0], chr(ord(word[0]) + 1), len(word) - most, len(word) + most, CANDIDATES),
    )
    return (KnownWord(row["term"], row["doc"]) for row in rows)
