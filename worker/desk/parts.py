"""What a use case works with: every client of one process, built by `wiring.connect`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis

from worker.fetching.frontier import Frontier
from worker.fetching.robots import Robots
from worker.fetching.session import Fetcher
from worker.fetching.webhooks import Webhooks
from worker.fetching.websub import Hubs
from worker.settings import Settings
from worker.storing.archive import Archive
from worker.storing.catalog import Catalog
from worker.storing.outbox import Outbox
from worker.storing.ports import Index, Ledger
from worker.storing.spool import Spool


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    settings: Settings
    redis: Redis
    ledger: Ledger
    index: Index
    catalog: Catalog
    spool: Spool
    archive: Archive
    frontier: Frontier
    fetcher: Fetcher
    robots: Robots
    outbox: Outbox
    webhooks: Webhooks
    hubs: Hubs
    now: Callable[[], datetime] = utc_now
