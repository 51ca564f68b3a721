"""Fixtures: the same articles in each backend, the pages that show them, and one browser for all tests."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from fastapi.testclient import TestClient
from selenium.webdriver import Chrome

from tests.support.pages.news import fill
from tests.support.servers import chromium
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.serving import client_of, serving
from worker.config.settings import Settings
from worker.services.context import AppContext
from worker.storage.elasticsearch.client import connect as connect_elastic
from worker.wiring import connect

Client = Callable[..., TestClient]


@pytest.fixture(scope="session")
def sqlite_context(valkey: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> AppContext:
    return _filled_context({"data_dir": tmp_path_factory.mktemp("pages"), "redis_url": valkey.url})


@pytest.fixture(scope="session")
def elastic_context(
    valkey: RedisServer, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[AppContext]:
    node = request.getfixturevalue("elasticsearch")
    prefix = f"t{uuid.uuid4().hex[:12]}"
    where = {"index_url": node.url, "index_prefix": prefix, "index_refresh_s": 600}
    context = _filled_context({"data_dir": tmp_path_factory.mktemp("pages"), "redis_url": valkey.url, **where})
    yield context
    with connect_elastic(context.settings) as client:
        names = list(client.indices.get(index=f"{prefix}*", expand_wildcards="all"))
        client.indices.delete(index=",".join(names))


def _filled_context(settings: dict[str, object]) -> AppContext:
    context = connect(Settings.model_validate(settings))
    fill(context)
    return context


@pytest.fixture(params=["sqlite", "elastic"])
def context(request: pytest.FixtureRequest) -> AppContext:
    """Return the filled context of a backend. Tests that change it must restore it."""
    found: AppContext = request.getfixturevalue(f"{request.param}_context")
    return found


@pytest.fixture
def site(context: AppContext) -> Iterator[str]:
    """Yield the origin of the pages."""
    with serving(context) as origin:
        yield origin


@pytest.fixture
def embedded_site(sqlite_context: AppContext) -> Iterator[str]:
    """Yield the origin of the pages on the embedded store, for tests that do not depend on the store."""
    with serving(sqlite_context) as origin:
        yield origin


@pytest.fixture
def client(sqlite_context: AppContext) -> Client:
    """Return a client of the API with changed settings: `client(api_keys="a,b")`."""
    return partial(client_of, sqlite_context)


@pytest.fixture(scope="session")
def one_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium.chromium(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture
def browser(one_browser: Chrome) -> Iterator[Chrome]:
    """Yield a desktop-sized window on an empty page. Any message in its console fails the test."""
    chromium.resize(one_browser, 1180, 900)
    chromium.set_colour_scheme(one_browser, "light")
    one_browser.get("about:blank")
    chromium.console_messages(one_browser)
    yield one_browser
    assert chromium.console_messages(one_browser) == []
