"""Better spellings of words that no article has, from the words that articles do have."""

from __future__ import annotations

import sqlite3
from itertools import islice

from worker.search.query_parser import Node
from worker.search.spelling import MOST, allowed_distance, corrected, distance, doubtful, may_resemble

CANDIDATES = 5000  #: words that are compared with an unknown one, those of most articles first


def suggestion(connection: sqlite3.Connection, text: str, node: Node) -> str | None:
    """The query's text with known words in place of unknown ones; None where nothing resembles them."""
    unknown = (word for word in dict.fromkeys(doubtful(node)) if not _is_known(connection, word))
    better = {word: nearest for word in islice(unknown, MOST) if (nearest := _nearest(connection, word))}
    return corrected(text, better)


def _is_known(connection: sqlite3.Connection, word: str) -> bool:
    sql = "SELECT 1 FROM article_vocabulary WHERE term = ?"
    return connection.execute(sql, (word,)).fetchone() is not None


def _nearest(connection: sqlite3.Connection, word: str) -> str | None:
    """The closest word with the same first letter, of several the one that most articles have."""
    most = allowed_distance(word)
    candidates = connection.execute(
        "SELECT term FROM article_vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ? "
        "ORDER BY doc DESC, term LIMIT ?",
        (word[0], chr(ord(word[0]) + 1), len(word) - most, len(word) + most, CANDIDATES),
    )
    nearest, least = None, most + 1
    for (term,) in candidates:
        if may_resemble(word, term, least - 1) and (edits := distance(word, term, least - 1)) < least:
            nearest, least = term, edits
        if least == 1:  # an unknown word lies no nearer to a known one
            break
    return nearest
