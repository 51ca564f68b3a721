"""Opening a store creates nothing, on SQLite and on Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.model.query import Query
from worker.search.service import SearchService
from worker.storage.elasticsearch.client import connect
from worker.storage.sqlite.database import Database
from worker.wiring import Stores, open_stores, set_up_stores

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def existing(settings: Settings) -> list[str]:
    """Return the files or indices of a store."""
    if settings.store_url.startswith("sqlite:"):
        path = Database.from_url(settings.store_url).path
        return [path.name] if path.exists() else []
    with connect(settings) as client:
        return list(client.indices.get(index=f"{settings.index_prefix}*", expand_wildcards="all"))


@pytest.mark.parametrize(
    "read",
    [
        lambda stores: stores.ledger.get(["a"]),
        lambda stores: stores.ledger.counts(),
        lambda stores: list(stores.ledger.scan()),
        lambda stores: stores.ledger.waiting(NOW, 1),
        lambda stores: stores.index.get(["a"]),
        lambda stores: SearchService(stores.index).find(Query(text="flood")),
        lambda stores: list(stores.index.ids()),
        lambda stores: stores.index.check(),
        lambda stores: list(stores.catalog.sources.all()),
        lambda stores: stores.catalog.blocklist.blocked(["a"]),
    ],
)
def test_reading_a_missing_store_creates_nothing(settings: Settings, read: Callable[[Stores], object]) -> None:
    with pytest.raises((BadInput, Unavailable), match=r"copydesk (run|index setup)"):
        read(open_stores(settings))
    assert existing(settings) == []


def test_setup_creates_a_store_that_can_be_opened(settings: Settings) -> None:
    set_up_stores(settings)
    stores = open_stores(settings)
    assert existing(settings)
    assert stores.ledger.counts() == {"queued": 0, "finished": 0}
    assert stores.index.count() == 0
    assert list(stores.catalog.sources.all()) == []
