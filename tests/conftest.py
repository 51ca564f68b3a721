"""Fixtures for all tests: real servers, started on first use, and settings for the stores on them.

A missing server skips its tests with the reason. COPYDESK_TEST_REQUIRE_SERVICES=1 makes it a failure.
Tests that use a server, a browser or other processes get their markers here, from their fixtures and folders.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from tests.support.servers import elasticsearch_node, processes, redis_server
from tests.support.servers.webhook_receiver import Receiver, receive
from tests.support.servers.websub_hub import Hub, open_hub
from worker.config.settings import Settings
from worker.storage.elasticsearch.client import Client, connect

STATE = "elasticsearch.json"  #: in the temporary folder of the run, which all its processes share
NO_SERVICES = "COPYDESK_TEST_NO_SERVICES"  #: `make test-fast` sets it: a test without marker must not start a server
SERVICE_FIXTURES = {"valkey", "redis", "redis_client", "elasticsearch", "elastic_settings"}
SERVICE_PARAMETERS = {"elastic", "elasticsearch", "services", "redis", "valkey"}  #: of fixtures that choose a server
BROWSER_FIXTURES = {"browser"}
SLOW_FIXTURES = {"browser", "process", "wheel"}
SLOW_PARAMETERS = {"processes"}
PROCESS_FOLDERS = ("tests/e2e/",)  #: whose tests start whole stacks


def pytest_configure(config: pytest.Config) -> None:
    """Note the process that outlives all others of the run."""
    os.environ.setdefault("COPYDESK_TEST_RUN", str(os.getpid()))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by their fixtures. Deselect tests that install every package, except in CI."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        is_in_process_folder = item.nodeid.startswith(PROCESS_FOLDERS)
        chosen = {value for value in parameters.values() if isinstance(value, str)}
        if fixtures & SERVICE_FIXTURES or chosen & SERVICE_PARAMETERS or is_in_process_folder:
            item.add_marker("service")
        if fixtures & BROWSER_FIXTURES:
            item.add_marker("browser")
        if fixtures & SLOW_FIXTURES or chosen & SLOW_PARAMETERS or is_in_process_folder:
            item.add_marker("slow")
    if not processes.are_services_required():
        installs = [item for item in items if item.get_closest_marker("install")]
        config.hook.pytest_deselected(items=installs)
        items[:] = [item for item in items if item not in installs]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the Elasticsearch node, in the process that started the run and outlives its xdist workers."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if hasattr(session.config, "workerinput") or factory is None:
        return
    state = factory.getbasetemp() / STATE
    if state.exists():
        elasticsearch_node.shared(state, os.getpid()).end()
        state.unlink()


@pytest.fixture(scope="session")
def valkey() -> Iterator[redis_server.RedisServer]:
    """Yield a running Valkey, the server of the embedded broker."""
    yield from _run(redis_server.valkey_binary())


@pytest.fixture(scope="session")
def redis() -> Iterator[redis_server.RedisServer]:
    """Yield a running Redis, or Valkey where redis-server is not installed."""
    yield from _run(redis_server.redis_binary() or redis_server.valkey_binary())


def _run(binary: str) -> Iterator[redis_server.RedisServer]:
    _check_marker()
    server = redis_server.start(binary)
    yield server
    server.end()


def _check_marker() -> None:
    """Fail a test that starts a server although it has no marker `service`."""
    if os.environ.get(NO_SERVICES) == "1":
        pytest.fail(f"{NO_SERVICES}=1, but this test starts a server: mark it with @pytest.mark.service", pytrace=False)


@pytest.fixture(params=redis_server.installed())
def redis_client(request: pytest.FixtureRequest) -> Iterator[Redis]:
    """Yield a client of an empty database. Tests that use it run on Valkey and, if installed, on Redis."""
    with request.getfixturevalue(request.param).client() as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def elasticsearch(tmp_path_factory: pytest.TempPathFactory) -> elasticsearch_node.Node:
    """Return the Elasticsearch node of this run. All tests share it: use an index prefix of your own."""
    _check_marker()
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "elasticsearch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return elasticsearch_node.shared(folder / STATE, int(os.environ["COPYDESK_TEST_RUN"]))


@pytest.fixture
def elastic_settings(elasticsearch: elasticsearch_node.Node, tmp_path: Path) -> Iterator[Settings]:
    """Yield settings of a store on Elasticsearch, with indices that are deleted after the test."""
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "index_url": elasticsearch.url,
            "index_prefix": f"t{uuid.uuid4().hex[:12]}",
            "index_refresh_s": 600,  # tests refresh the index themselves
        }
    )
    yield settings
    with closing(connect(settings)) as client:
        _drop(client, settings.index_prefix)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    """Return settings of a store in a SQLite file."""
    return Settings(data_dir=tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Yield a running HTTP server that receives webhooks on loopback."""
    with receive() as started:
        yield started


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Yield a running WebSub hub on loopback."""
    with open_hub() as started:
        yield started


def _drop(client: Client, prefix: str) -> None:
    names = list(client.indices.get(index=f"{prefix}*", expand_wildcards="all"))
    if names:
        client.indices.delete(index=",".join(names))
