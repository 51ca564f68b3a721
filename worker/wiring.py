"""The one place that builds clients. Once per worker process, after the fork in a prefork pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from worker.archive.store import Archive
from worker.config.settings import Settings
from worker.discovery import schedule
from worker.discovery.websub import HubClient
from worker.errors import BadInput
from worker.fetching.fetcher import Fetcher
from worker.fetching.robots import RobotsCache
from worker.fetching.webhooks import WebhookSender
from worker.queues.event_stream import EventStream
from worker.queues.frontier import Frontier
from worker.queues.outbox import Outbox
from worker.queues.spool import Spool
from worker.services.context import AppContext
from worker.storage.catalog import Catalog
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect as connect_elastic
from worker.storage.elasticsearch.document_store import ElasticDocumentStore
from worker.storage.elasticsearch.ledger import ElasticLedger
from worker.storage.ports import DocumentStore, Index, Ledger
from worker.storage.sqlite.article_index import SqliteIndex
from worker.storage.sqlite.database import Database
from worker.storage.sqlite.document_store import SqliteDocumentStore
from worker.storage.sqlite.ledger import SqliteLedger
from worker.telemetry import Telemetry


def connect(settings: Settings) -> AppContext:
    """A desk at which every use case can work. Creates what is missing in the stores; connects to Redis lazily."""
    check(settings)
    redis = open_redis(settings)
    stores = open_stores(settings)
    fetcher = Fetcher(settings)
    return AppContext(
        settings=settings,
        redis=redis,
        events=EventStream(redis, settings),
        telemetry=Telemetry(redis, settings),
        ledger=stores.ledger,
        index=stores.index,
        catalog=stores.catalog,
        spool=Spool(redis, settings),
        archive=Archive(settings),
        frontier=Frontier(redis, settings),
        fetcher=fetcher,
        robots=RobotsCache(redis, fetcher, settings),
        outbox=Outbox(redis, settings),
        webhooks=WebhookSender(settings),
        hubs=HubClient(settings),
    )


def check(settings: Settings) -> None:
    """What the settings cannot judge by themselves. `BadInput` names the key."""
    try:
        schedule.parse(settings.source_schedule)
    except BadInput as e:
        raise BadInput(f"COPYDESK_SOURCE_SCHEDULE: {e}") from None


def open_redis(settings: Settings) -> Redis:
    """A client of the configured Redis or the embedded broker. Celery names sockets redis+socket, redis-py unix."""
    url = settings.broker_url.replace("redis+socket://", "unix://", 1)
    return Redis.from_url(url, socket_timeout=30, socket_connect_timeout=5, health_check_interval=30)


@dataclass(frozen=True, slots=True)
class Stores:
    """What lasts, on one backend."""

    ledger: Ledger
    index: Index
    catalog: Catalog


def open_stores(settings: Settings) -> Stores:
    """The configured store, set up."""
    if settings.store_url.startswith("sqlite:///"):
        return _on_sqlite(Database.from_url(settings.store_url))
    client = connect_elastic(settings)
    return _set_up(
        ElasticLedger(client, settings), ElasticIndex(client, settings), ElasticDocumentStore(client, settings)
    )


@contextmanager
def stores_in(file: Path) -> Iterator[Stores]:
    """Those of one SQLite file, set up; closed at the end."""
    with closing(Database(file)) as database:
        yield _on_sqlite(database)


@contextmanager
def catalog_in(file: Path) -> Iterator[Catalog]:
    """That of one SQLite file, as it stands; closed at the end."""
    with closing(Database(file)) as database:
        yield Catalog.on(SqliteDocumentStore(database))


def _on_sqlite(database: Database) -> Stores:
    return _set_up(SqliteLedger(database), SqliteIndex(database), SqliteDocumentStore(database))


def _set_up(ledger: Ledger, index: Index, document_store: DocumentStore) -> Stores:
    for part in (ledger, index, document_store):
        part.setup()
    return Stores(ledger, index, Catalog.on(document_store))
