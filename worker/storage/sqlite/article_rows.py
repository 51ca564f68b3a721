"""An article as rows of the SQLite tables: its JSON, its exact values for facets, its words for full text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import zstandard

from worker.model.query import FACETS, FIELDS
from worker.model.records import Document
from worker.search.fields import TEXTS
from worker.search.histogram import millis
from worker.search.stemming import stems
from worker.search.tokenizer import fold, surfaces
from worker.search.validation import MAX_VALUE_CHARS
from worker.storage.document_json import to_json
from worker.storage.sqlite.fts_query import COLUMNS, EVERYTHING

#: Sort key of an undated article, which is last in both orders.
UNDATED = 2**62
#: Separates the values of a list, so that no phrase matches across two values.
GAP = " ¶ "

SCHEMA = (
    (
        """CREATE TABLE articles (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
            newest INTEGER NOT NULL, oldest INTEGER NOT NULL, day INTEGER)""",
        # Both columns sort ascending, so a page is one range of an index: (key, id) > (last key, last id).
        "CREATE INDEX articles_newest ON articles (newest, id)",
        "CREATE INDEX articles_oldest ON articles (oldest, id)",
        "CREATE INDEX articles_day ON articles (day, oldest)",
        """CREATE TABLE article_values (
            field TEXT NOT NULL, value TEXT NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (field, value, number)) WITHOUT ROWID""",
        "CREATE INDEX article_values_number ON article_values (number, field, value)",
        f"""CREATE VIRTUAL TABLE article_words USING fts5 (
            {", ".join(c.name for c in COLUMNS)}, content = '', tokenize = "ascii tokenchars '.,:;_'''")""",
        # A table of its own, so that searches read short rows. FTS5 keeps no copy of the words that it indexed but
        # needs them to delete a row: `words` holds them, compressed.
        "CREATE TABLE article_contents (number INTEGER PRIMARY KEY, document TEXT NOT NULL, words BLOB NOT NULL)",
        "CREATE VIRTUAL TABLE article_vocabulary USING fts5vocab (article_words, 'row')",
    ),
)


class ArticleRows:
    """The rows of one document, made before a write transaction begins."""

    def __init__(self, document: Document) -> None:
        fields = to_json(document)
        published = document.article.date_published
        self.id = document.id
        self.version = document.version
        self.newest = -millis(published) if published else UNDATED
        self.oldest = millis(published) if published else UNDATED
        self.day = published.astimezone(UTC).toordinal() if published else None
        self.json = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        self.values = _values(fields)
        self.words = _words(fields)

    def replace(self, connection: sqlite3.Connection, number: int | None) -> None:
        """Insert the rows, replacing the document with that number if one is given."""
        if number is not None:
            remove(connection, number)
        number = connection.execute(
            "INSERT INTO articles (number, id, version, newest, oldest, day) VALUES (?, ?, ?, ?, ?, ?)",
            (number, self.id, self.version, self.newest, self.oldest, self.day),
        ).lastrowid
        connection.executemany(
            "INSERT INTO article_values (field, value, number) VALUES (?, ?, ?)",
            [(field, value, number) for field, value in self.values],
        )
        connection.execute(_ADD, (number, *self.words))
        connection.execute("INSERT INTO article_contents VALUES (?, ?, ?)", (number, self.json, _packed(self.words)))


_COLUMNS = ", ".join(c.name for c in COLUMNS)
_MARKS = ", ".join("?" * len(COLUMNS))
_ADD = f"INSERT INTO article_words (rowid, {_COLUMNS}) VALUES (?, {_MARKS})"  # noqa: S608 - our own names
_REMOVE = f"INSERT INTO article_words (article_words, rowid, {_COLUMNS}) VALUES ('delete', ?, {_MARKS})"  # noqa: S608


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Delete a document from every table."""
    connection.execute(_REMOVE, (number, *analysed(connection, number).values()))
    connection.execute("DELETE FROM article_contents WHERE number = ?", (number,))
    connection.execute("DELETE FROM article_values WHERE number = ?", (number,))
    connection.execute("DELETE FROM articles WHERE number = ?", (number,))


def analysed(connection: sqlite3.Connection, number: int) -> dict[str, str]:
    """Return the words of a document by column of the full-text table."""
    packed = connection.execute("SELECT words FROM article_contents WHERE number = ?", (number,)).fetchone()[0]
    texts = zstandard.decompress(packed).decode().split("\n")
    return dict(zip((c.name for c in COLUMNS), texts, strict=True))


def _packed(texts: Sequence[str]) -> bytes:
    return zstandard.compress("\n".join(texts).encode())  # no word contains a line break


def _values(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the distinct (field, value) pairs of all facets."""
    found = {(FIELDS[name], value): None for name in FACETS for value in _listed(fields.get(FIELDS[name]))}
    return [(field, value) for field, value in found if value and len(value) <= MAX_VALUE_CHARS]


def _words(fields: Mapping[str, Any]) -> list[str]:
    """Return the words for each column of the full-text table."""
    columns = {"everything": EVERYTHING}
    for name in (column.name for column in COLUMNS if column.name in fields):
        texts = [surfaces(text) for text in _listed(fields[name])]
        columns[name] = GAP.join(" ".join(map(fold, found)) for found in texts)
        if name in TEXTS:
            stemmed = (stems(fields.get("language"), found) for found in texts)
            columns[f"{name}_stems"] = GAP.join(" ".join(s) for s in stemmed)
    return [columns.get(column.name, "") for column in COLUMNS]


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]
