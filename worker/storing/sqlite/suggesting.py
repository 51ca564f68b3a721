"""Better spellings of words that no article has, from the words that articles do have."""

from __future__ import annotations

import sqlite3

from worker.storing.query_language import Node
from worker.storing.spelling import allowed_distance, corrected, distance, doubtful


def suggestion(connection: sqlite3.Connection, text: str, node: Node) -> str | None:
    """The query's text with known words in place of unknown ones; None where nothing resembles them."""
    better = {}
    for word in dict.fromkeys(doubtful(node)):
        if not _is_known(connection, word) and (nearest := _nearest(connection, word)):
            better[word] = nearest
    return corrected(text, better)


def _is_known(connection: sqlite3.Connection, word: str) -> bool:
    sql = "SELECT 1 FROM article_vocabulary WHERE term = ?"
    return connection.execute(sql, (word,)).fetchone() is not None


def _nearest(connection: sqlite3.Connection, word: str) -> str | None:
    """The closest word with the same first letter, of several the one that most articles have."""
    most = allowed_distance(word)
    candidates = connection.execute(
        "SELECT term, doc FROM article_vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
        (word[0], chr(ord(word[0]) + 1), len(word) - most, len(word) + most),
    )
    ranked = ((distance(word, row["term"], most), -row["doc"], row["term"]) for row in candidates)
    best = min((r for r in ranked if r[0] <= most), default=None)
    return best[2] if best else None
