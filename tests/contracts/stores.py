"""Opens the store that settings lead to; top-level functions, so that a spawned process can call them too."""

from __future__ import annotations

from worker.settings import Settings
from worker.storing.elastic.client import connect
from worker.storing.elastic.index import ElasticIndex
from worker.storing.elastic.ledger import ElasticLedger
from worker.storing.elastic.shelf import ElasticShelf
from worker.storing.ports import Index, Ledger, Shelf
from worker.storing.sqlite.database import Database
from worker.storing.sqlite.index import SqliteIndex
from worker.storing.sqlite.ledger import SqliteLedger
from worker.storing.sqlite.shelf import SqliteShelf


def open_ledger(settings: Settings) -> Ledger:
    if settings.store_url.startswith("sqlite:"):
        return SqliteLedger(Database.from_url(settings.store_url))
    return ElasticLedger(connect(settings), settings)


def open_index(settings: Settings) -> Index:
    if settings.store_url.startswith("sqlite:"):
        return SqliteIndex(Database.from_url(settings.store_url))
    return ElasticIndex(connect(settings), settings)


def open_shelf(settings: Settings) -> Shelf:
    if settings.store_url.startswith("sqlite:"):
        return SqliteShelf(Database.from_url(settings.store_url))
    return ElasticShelf(connect(settings), settings)
