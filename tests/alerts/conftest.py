"""A desk on each backend over a real broker, and a real receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.alerts.receiver import Receiver, receive
from tests.desk.conftest import Clock
from tests.services.redis_server import RedisServer
from worker.catalog import SavedSearch
from worker.desk import saving
from worker.desk.delivering import deliver, due
from worker.desk.events import STREAM, Event, publish
from worker.desk.parts import Desk
from worker.queries import Query
from worker.records import Article, Document, Image, Kind, document_version
from worker.settings import Settings
from worker.wiring import connect

SEEN = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as found:
        yield found


def open_desk(settings: Settings, valkey: RedisServer, clock: Clock, **more: Any) -> Desk:
    with valkey.client() as client:
        client.flushall()
    changed = {"redis_url": valkey.url, "webhook_allow_private": ["127.0.0.0/8"], "webhook_timeout_s": 1}
    return replace(connect(Settings.model_validate(settings.model_dump() | changed | more)), now=clock)


@pytest.fixture
def desk(valkey: RedisServer, sqlite_settings: Settings, clock: Clock) -> Iterator[Desk]:
    found = open_desk(sqlite_settings, valkey, clock)
    yield found
    found.redis.close()
    found.webhooks.close()


@pytest.fixture(params=["sqlite", "elastic"])
def either_desk(request: pytest.FixtureRequest, valkey: RedisServer, clock: Clock) -> Iterator[Desk]:
    """For what depends on the index."""
    found = open_desk(request.getfixturevalue(f"{request.param}_settings"), valkey, clock)
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


def file(desk: Desk, *documents: Document, event: str = "article.indexed") -> None:
    """As the digest does: the document, then the event."""
    assert {w.status for w in desk.index.write(documents)} == {"written"}
    publish(desk.redis, [Event.of(d, event) for d in documents])


def save(desk: Desk, text: str, webhook: str | None = None, **query: Any) -> SavedSearch:
    return saving.save(desk, text or "all", Query(text=text, **query), webhook=webhook).search


def tell(desk: Desk) -> int:
    """What the task does after matching; gives how many deliveries were taken."""
    return sum(deliver(desk, search) for search in due(desk, 50))


def matched(desk: Desk) -> list[tuple[str, str]]:
    """(search, article) of the events `search.matched`."""
    events = [fields for _, fields in desk.redis.xrange(STREAM)]
    return [(e[b"search"].decode(), e[b"id"].decode()) for e in events if e[b"type"] == b"search.matched"]
