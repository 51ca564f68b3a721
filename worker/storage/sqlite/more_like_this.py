"""Articles that share many telling words with one: its rarest and most repeated words, looked up one by one.

The way of Lucene's MoreLikeThis: words are weighed by how often they stand in the article and how few others have them.
"""

from __future__ import annotations

import heapq
import json
import math
import sqlite3
from collections import Counter

from worker.model.query import Hit, Results
from worker.search.fields import TEXTS
from worker.storage.document_json import from_json
from worker.storage.sqlite.article_rows import analysed

TERMS = 25  #: telling words that are looked for
SHARED = 0.3  #: part of them that a similar article has


def similar(connection: sqlite3.Connection, id: str, size: int) -> Results:
    """Those that share most, best first; none if there is no such article."""
    own = connection.execute("SELECT number FROM articles WHERE id = ?", (id,)).fetchone()
    weights = _telling(connection, own["number"]) if own else {}
    scores: dict[int, float] = {}
    shared: Counter[int] = Counter()
    for term, weight in weights.items():
        for (number,) in connection.execute("SELECT rowid FROM article_words WHERE article_words MATCH ?", (term,)):
            scores[number] = scores.get(number, 0.0) + weight
            shared[number] += 1
    least = max(2, math.ceil(SHARED * len(weights)))
    found = [n for n, count in shared.items() if count >= least and n != own["number"]]
    best = heapq.nsmallest(size, found, key=lambda n: (-scores[n], n))
    return Results(total=len(found), hits=tuple(_hit(connection, n, scores[n]) for n in best))


def _telling(connection: sqlite3.Connection, number: int) -> dict[str, float]:
    """Quoted term -> weight, of the article's most telling words."""
    total = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    weights = {}
    for term, frequency in _frequencies(connection, number).items():
        row = connection.execute("SELECT doc FROM article_vocabulary WHERE term = ?", (term,)).fetchone()
        if row and row["doc"] > 1:  # else it leads nowhere but here
            weights[f'"{term}"'] = frequency * math.log(1 + total / row["doc"])
    return dict(heapq.nlargest(TERMS, weights.items(), key=lambda item: (item[1], item[0])))


def _frequencies(connection: sqlite3.Connection, number: int) -> Counter[str]:
    """How often each word stands in an article: its stem where we know it, else the word itself."""
    columns = analysed(connection, number)
    texts = (columns[f"{name}_stems"] or columns[name] for name in TEXTS)
    return Counter(term for text in texts for term in text.split() if len(term) > 1)


def _hit(connection: sqlite3.Connection, number: int, score: float) -> Hit:
    row = connection.execute("SELECT document FROM article_contents WHERE number = ?", (number,)).fetchone()
    return Hit(document=from_json(json.loads(row["document"])), score=score)
