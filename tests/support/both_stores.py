"""Fixtures of an application on each backend with a real Redis, filled without fetching.

A test module imports `clock`, `context` and `file` to use them. Pages are put directly into the spool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.support.servers.redis_server import RedisServer
from tests.worker.services.conftest import Clock, page
from worker import urls
from worker.config.settings import Settings
from worker.model.records import Page, Row
from worker.services.context import AppContext
from worker.services.digest.digest import digest
from worker.services.intake.submit import add
from worker.wiring import connect


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "elastic"])
def context(request: pytest.FixtureRequest, valkey: RedisServer, clock: Clock) -> Iterator[AppContext]:
    settings: Settings = request.getfixturevalue(f"{request.param}_settings")
    with valkey.client() as client:
        client.flushall()
    found = connect(Settings.model_validate(settings.model_dump() | {"redis_url": valkey.url}))
    yield replace(found, now=clock)
    found.archive.close()
    found.redis.close()


#: For tests that do not depend on the store.
on_sqlite = pytest.mark.parametrize("context", ["sqlite"], indirect=True)

File = Callable[..., Row]


@pytest.fixture
def file(context: AppContext) -> File:
    """Add a URL and digest its page; return its row."""

    def run(url: str, headline: str = "", *, head: str = "", force: bool = False) -> Row:
        (added,) = add(context, [url], force=force)
        assert added.row, added.problem
        context.spool.put(answer(context, added.row, page(headline or url, head=head)))
        digest(context)
        row = context.ledger.get([urls.url_id(urls.canonicalize(url))])[0]
        assert row
        return row

    return run


def silent_broker() -> Redis:
    """Return a client of a server that does not answer."""
    return Redis(unix_socket_path="/nowhere", retry=Retry(NoBackoff(), 0))


def answer(context: AppContext, row: Row, html: str) -> Page:
    """Return the page of a row's current crawl."""
    return Page(
        id=row.id,
        crawl=row.crawl,
        url=row.url,
        content_type="text/html; charset=utf-8",
        status=200,
        fetched_at=context.now(),
        body=html.encode(),
    )
