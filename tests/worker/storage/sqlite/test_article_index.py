"""The article index in SQLite: its tables, and the cost of suggestions."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from tests.support.pages.corpus import CORPUS, document
from worker.config.settings import Settings
from worker.model.query import Query
from worker.search.service import SearchService
from worker.storage.sqlite.article_index import SqliteIndex
from worker.storage.sqlite.database import Database


@pytest.fixture
def database(sqlite_settings: Settings) -> Iterator[Database]:
    database = Database.from_url(sqlite_settings.store_url)
    yield database
    database.close()


@pytest.fixture
def index(database: Database) -> SqliteIndex:
    index = SqliteIndex(database)
    index.setup()
    return index


TABLES = ("articles", "article_values", "article_contents", "article_vocabulary")


def rows(database: Database) -> list[int]:
    with database.read() as connection:
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]


def test_deleted_documents_leave_no_rows(index: SqliteIndex, database: Database) -> None:
    index.write(CORPUS)
    assert min(rows(database)) >= len(CORPUS)
    index.write([document(d.id, "Another text", version=2) for d in CORPUS[:20]])
    index.rebuild(lambda done, total: None)
    assert index.delete([d.id for d in CORPUS]) == len(CORPUS)
    assert rows(database) == [0, 0, 0, 0]


def test_the_full_text_table_is_intact_after_many_changes(index: SqliteIndex, database: Database) -> None:
    for version in range(1, 6):
        index.write([document(f"d{n}", f"Version{version}", f"text{n} " * version, version=version) for n in range(30)])
        index.delete([f"d{n}" for n in range(version)])
    with database.write() as connection:
        connection.execute("INSERT INTO article_words (article_words) VALUES ('integrity-check')")
    assert SearchService(index).find(Query(text="version5")).total == 25
    assert SearchService(index).find(Query(text="version4")).total == 0


def test_a_query_of_misspelt_words_is_fast(index: SqliteIndex) -> None:
    """With 40,000 words of the same first letter. It took ten seconds when each was compared with all of them."""
    letters = random.Random(7)
    words = ["s" + "".join(letters.choices("aeilnorstu", k=8)) for _ in range(40_000)]
    index.write([document(f"d{n}", "Words", " ".join(words[n::20])) for n in range(20)])
    began = time.process_time()
    assert SearchService(index).find(Query(text=" ".join(f"{word[:-2]}qqq" for word in words[:16]))).total == 0
    assert time.process_time() - began < 2


def test_writes_that_fail_midway_leave_nothing(index: SqliteIndex, database: Database) -> None:
    with pytest.raises(RuntimeError), database.write():
        index.write(CORPUS)
        raise RuntimeError
    assert rows(database) == [0, 0, 0, 0]
