"""A context on each backend with a real broker, and a real receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.events import published
from tests.support.servers.redis_server import RedisServer
from tests.worker.services.conftest import Clock
from worker.config.settings import Settings
from worker.model.catalog import SavedSearch
from worker.model.query import Query
from worker.model.records import Article, Document, Image, Kind, document_version
from worker.queues.event_stream import Event
from worker.services.alerts import saved_searches
from worker.services.alerts.webhook_delivery import deliver, due
from worker.services.context import AppContext
from worker.wiring import connect

SEEN = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def open_context(settings: Settings, valkey: RedisServer, clock: Clock, **more: Any) -> AppContext:
    with valkey.client() as client:
        client.flushall()
    changed = {"redis_url": valkey.url, "webhook_allow_private": ["127.0.0.0/8"], "webhook_timeout_s": 1}
    return replace(connect(Settings.model_validate(settings.model_dump() | changed | more)), now=clock)


@pytest.fixture
def context(valkey: RedisServer, sqlite_settings: Settings, clock: Clock) -> Iterator[AppContext]:
    found = open_context(sqlite_settings, valkey, clock)
    yield found
    found.redis.close()
    found.webhooks.close()


@pytest.fixture(params=["sqlite", "elastic"])
def either_context(request: pytest.FixtureRequest, valkey: RedisServer, clock: Clock) -> Iterator[AppContext]:
    """Yield a context on each backend, for tests that depend on the index."""
    found = open_context(request.getfixturevalue(f"{request.param}_settings"), valkey, clock)
    yield found
    found.redis.close()
    found.webhooks.close()


def document(id: str, headline: str, *, crawl: int = 1, **more: Any) -> Document:
    article = Article(
        url=f"https://example.org/{id}",
        kind=Kind.ARTICLE,
        headline=headline,
        article_body=f"{headline}. The harbour master read the gauge.",
        language="en",
        date_published=SEEN,
        images=(Image(caption=f"Seen at {id}", creator=("Dana Whitlock",)),),
    )
    return Document(
        id=id,
        version=document_version(crawl, 1),
        article=replace(article, **more),
        url=article.url,
        host="https://example.org",
        source="test",
        fetched_at=SEEN,
        first_seen_at=SEEN,
    )


def file(context: AppContext, *documents: Document, event: str = "article.indexed") -> None:
    """Write the document and then publish the event, as the digest does."""
    assert {w.status for w in context.index.write(documents)} == {"written"}
    context.events.publish([Event.of(d, event) for d in documents])


def save(context: AppContext, text: str, webhook: str | None = None, **query: Any) -> SavedSearch:
    return saved_searches.save(context, text or "all", Query(text=text, **query), webhook=webhook).search


def tell(context: AppContext) -> int:
    """Do what the task does after matching. Return the number of deliveries that were attempted."""
    return sum(deliver(context, search) for search in due(context, 50))


def matched(context: AppContext) -> list[tuple[str, str]]:
    """Return search and article of each `search.matched` event."""
    return [(event["search"], event["id"]) for event in published(context) if event["type"] == "search.matched"]
