"""Build the clients of a process: once for each worker process, after the fork in a prefork pool."""

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
from worker.package_data import has_user_table
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


def connect(settings: Settings, *, create: bool = True) -> AppContext:
    """Return the context of all use cases. Connects to Redis lazily.

    Creates missing tables and indices, unless `create` is False: commands that only read must create nothing.
    """
    check(settings)
    redis = open_redis(settings)
    stores = set_up_stores(settings) if create else open_stores(settings)
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
    """Check what the settings cannot check by themselves. Raises `BadInput`, which names the setting or the table."""
    try:
        schedule.parse(settings.source_schedule)
    except BadInput as e:
        raise BadInput(f"COPYDESK_SOURCE_SCHEDULE: {e}") from None
    _check_reading_rules()


def _check_reading_rules() -> None:
    """Raise `BadInput` if a site rule or phrase of the user is invalid: with it, the crawl of every page would fail.

    The modules are imported only if the user has such a table, because they make the start of a command slower.
    """
    if has_user_table("site_rules.toml"):
        from worker.extraction.boilerplate.site_rules import check_site_rules  # noqa: PLC0415

        check_site_rules()
    if has_user_table("boilerplate_phrases.toml"):
        from worker.extraction.boilerplate.phrases import boilerplate_phrases  # noqa: PLC0415

        boilerplate_phrases()


def open_redis(settings: Settings) -> Redis:
    """Return a client of the configured Redis or the embedded broker.

    Celery uses the scheme redis+socket for sockets, redis-py uses unix.
    """
    url = settings.broker_url.replace("redis+socket://", "unix://", 1)
    return Redis.from_url(url, socket_timeout=30, socket_connect_timeout=5, health_check_interval=30)


@dataclass(frozen=True, slots=True)
class Stores:
    """The persistent stores, on one backend."""

    ledger: Ledger
    index: Index
    document_store: DocumentStore
    catalog: Catalog

    def setup(self) -> None:
        """Create missing tables and indices. Never deletes anything; safe to repeat."""
        for store in (self.ledger, self.index, self.document_store):
            store.setup()


def open_stores(settings: Settings) -> Stores:
    """Open the configured stores and create nothing.

    Reading a store that is not set up raises `BadInput` (SQLite) or `Unavailable` (Elasticsearch), with advice.
    """
    if settings.store_url.startswith("sqlite:///"):
        return _sqlite_stores(Database.from_url(settings.store_url))
    client = connect_elastic(settings)
    return _stores(
        ElasticLedger(client, settings), ElasticIndex(client, settings), ElasticDocumentStore(client, settings)
    )


def set_up_stores(settings: Settings) -> Stores:
    """Open the configured stores and create missing tables and indices."""
    stores = open_stores(settings)
    stores.setup()
    return stores


@contextmanager
def stores_in(file: Path) -> Iterator[Stores]:
    """Open the stores in one SQLite file, set up; close them at the end."""
    with closing(Database(file)) as database:
        stores = _sqlite_stores(database)
        stores.setup()
        yield stores


@contextmanager
def catalog_in(file: Path) -> Iterator[Catalog]:
    """Open the catalog in one SQLite file as it is; close it at the end."""
    with closing(Database(file)) as database:
        yield Catalog.on(SqliteDocumentStore(database))


def _sqlite_stores(database: Database) -> Stores:
    return _stores(SqliteLedger(database), SqliteIndex(database), SqliteDocumentStore(database))


def _stores(ledger: Ledger, index: Index, document_store: DocumentStore) -> Stores:
    return Stores(ledger, index, document_store, Catalog.on(document_store))
