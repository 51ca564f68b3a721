"""The one place that builds clients. Once per worker process, after the fork in a prefork pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from worker.desk.parts import Desk
from worker.errors import BadInput
from worker.fetching import schedule
from worker.fetching.frontier import Frontier
from worker.fetching.robots import Robots
from worker.fetching.session import Fetcher
from worker.fetching.webhooks import Webhooks
from worker.fetching.websub import Hubs
from worker.settings import Settings
from worker.storing.archive import Archive
from worker.storing.catalog import Catalog
from worker.storing.elastic.client import connect as connect_elastic
from worker.storing.elastic.index import ElasticIndex
from worker.storing.elastic.ledger import ElasticLedger
from worker.storing.elastic.shelf import ElasticShelf
from worker.storing.outbox import Outbox
from worker.storing.ports import Index, Ledger, Shelf
from worker.storing.spool import Spool
from worker.storing.sqlite.database import Database
from worker.storing.sqlite.index import SqliteIndex
from worker.storing.sqlite.ledger import SqliteLedger
from worker.storing.sqlite.shelf import SqliteShelf


def connect(settings: Settings) -> Desk:
    """A desk at which every use case can work. Creates what is missing in the stores; connects to Redis lazily."""
    check(settings)
    redis = open_redis(settings)
    stores = open_stores(settings)
    fetcher = Fetcher(settings)
    return Desk(
        settings=settings,
        redis=redis,
        ledger=stores.ledger,
        index=stores.index,
        catalog=stores.catalog,
        spool=Spool(redis, settings),
        archive=Archive(settings),
        frontier=Frontier(redis, settings),
        fetcher=fetcher,
        robots=Robots(redis, fetcher, settings),
        outbox=Outbox(redis),
        webhooks=Webhooks(settings),
        hubs=Hubs(settings),
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
    return _set_up(ElasticLedger(client, settings), ElasticIndex(client, settings), ElasticShelf(client, settings))


@contextmanager
def stores_in(file: Path) -> Iterator[Stores]:
    """Those of one SQLite file, set up; closed at the end."""
    with closing(Database(file)) as database:
        yield _on_sqlite(database)


@contextmanager
def catalog_in(file: Path) -> Iterator[Catalog]:
    """That of one SQLite file, as it stands; closed at the end."""
    with closing(Database(file)) as database:
        yield Catalog.on(SqliteShelf(database))


def _on_sqlite(database: Database) -> Stores:
    return _set_up(SqliteLedger(database), SqliteIndex(database), SqliteShelf(database))


def _set_up(ledger: Ledger, index: Index, shelf: Shelf) -> Stores:
    for part in (ledger, index, shelf):
        part.setup()
    return Stores(ledger, index, Catalog.on(shelf))
