"""The stores of given settings. Top-level functions, so that a spawned process can call them too."""

from __future__ import annotations

from worker.config.settings import Settings
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect
from worker.storage.elasticsearch.document_store import ElasticDocumentStore
from worker.storage.elasticsearch.ledger import ElasticLedger
from worker.storage.ports import DocumentStore, Index, Ledger
from worker.storage.sqlite.article_index import SqliteIndex
from worker.storage.sqlite.database import Database
from worker.storage.sqlite.document_store import SqliteDocumentStore
from worker.storage.sqlite.ledger import SqliteLedger


def open_ledger(settings: Settings) -> Ledger:
    if settings.store_url.startswith("sqlite:"):
        return SqliteLedger(Database.from_url(settings.store_url))
    return ElasticLedger(connect(settings), settings)


def open_index(settings: Settings) -> Index:
    if settings.store_url.startswith("sqlite:"):
        return SqliteIndex(Database.from_url(settings.store_url))
    return ElasticIndex(connect(settings), settings)


def open_document_store(settings: Settings) -> DocumentStore:
    if settings.store_url.startswith("sqlite:"):
        return SqliteDocumentStore(Database.from_url(settings.store_url))
    return ElasticDocumentStore(connect(settings), settings)
