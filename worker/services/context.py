"""The clients and stores of one process, as the use cases take them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis

from worker.archive.store import Archive
from worker.config.settings import Settings
from worker.discovery.websub import HubClient
from worker.fetching.fetcher import Fetcher
from worker.fetching.robots import RobotsCache
from worker.fetching.webhooks import WebhookSender
from worker.queues.event_stream import EventStream
from worker.queues.frontier import Frontier
from worker.queues.outbox import Outbox
from worker.queues.spool import Spool
from worker.redis_keys import Keys
from worker.search.service import SearchService
from worker.storage.catalog import Catalog
from worker.storage.ports import Index, Ledger
from worker.telemetry import Telemetry


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """Everything outside the process that a use case may need: settings, clock, stores, queues and HTTP clients.

    `wiring.connect` builds one for each process. A use case takes the whole context, because most of them need
    several parts, and change together with them. Pure functions (`digest.decide`, `ledger.duplicates.resolve`,
    everything in `extraction` and `discovery`) take plain values instead. A test replaces single parts by
    `dataclasses.replace`.
    """

    settings: Settings
    redis: Redis
    events: EventStream
    telemetry: Telemetry
    ledger: Ledger
    index: Index
    catalog: Catalog
    spool: Spool
    archive: Archive
    frontier: Frontier
    fetcher: Fetcher
    robots: RobotsCache
    outbox: Outbox
    webhooks: WebhookSender
    hubs: HubClient
    now: Callable[[], datetime] = utc_now

    @property
    def keys(self) -> Keys:
        """The names of this installation's keys in Redis."""
        return Keys(self.settings.redis_prefix)

    @property
    def search(self) -> SearchService:
        """The search service over the article index."""
        return SearchService(self.index)
