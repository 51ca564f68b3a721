"""The key prefix: two installations share one Redis and see nothing of each other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from celery import Celery

from tests.support.servers.redis_server import RedisServer
from worker.config.settings import Settings
from worker.model.records import Page
from worker.queues.event_stream import Event
from worker.queues.outbox import Delivery
from worker.redis_keys import Keys
from worker.services.context import AppContext
from worker.wiring import connect

HOST = "https://a.example"
PAGE = Page(
    id="1",
    crawl=1,
    url=HOST,
    content_type="text/html",
    status=200,
    fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    body=b"<p>One",
)


def _connect(server: RedisServer, folder: Path, prefix: str) -> AppContext:
    settings = {"data_dir": folder / prefix, "redis_url": server.url, "redis_prefix": prefix}
    return connect(Settings.model_validate(settings))


@pytest.fixture(params=["valkey", "redis"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    found: RedisServer = request.getfixturevalue(request.param)
    with found.client() as client:
        client.flushall()
        yield found
        client.flushall()


@pytest.fixture
def two(server: RedisServer, tmp_path: Path) -> tuple[AppContext, AppContext]:
    return _connect(server, tmp_path, "copydesk"), _connect(server, tmp_path, "other")


def _fill(context: AppContext) -> None:
    """Write something to each structure in Redis."""
    now = context.now()
    context.frontier.push([(HOST, "1"), ("https://b.example", "2")], due=0)
    context.frontier.pause("https://b.example", now.timestamp() + 3600, "http-503")
    context.spool.put(PAGE)
    context.events.publish([Event(type="article.indexed", id="1", version=1, url=HOST, headline="One")])
    delivery = Delivery(
        search="s", article="1", version=1, content_hash="h", event="article.indexed", matched_at=now.timestamp()
    )
    assert context.outbox.announce(delivery, {"type": "search.matched"}, due=0) == "queued"
    context.telemetry.count(now, fetched=1)
    context.telemetry.observe({"fetch": [0.1]})


def test_two_installations_see_nothing_of_each_other(two: tuple[AppContext, AppContext]) -> None:
    one, other = two
    _fill(one)
    now = other.now().timestamp()
    assert other.frontier.depths() == {"waiting": 0, "in_flight": 0, "hosts": 0}
    assert (other.frontier.due_hosts(now, 10), other.frontier.paused(now)) == ([], [])
    assert other.spool.take(now, 10, 60).pages == ()
    assert other.redis.xlen(other.events.key) == 0
    assert (other.outbox.due(now, 10, lease_s=60), other.outbox.waiting("s")) == ([], 0)
    assert set(other.telemetry.totals().values()) == {0}
    _fill(other)
    assert one.frontier.due_hosts(now, 10) == other.frontier.due_hosts(now, 10) == [HOST]
    lease = one.frontier.lease(HOST, now, 60)
    assert lease and other.frontier.lease(HOST, now, 60), "each installation has its own leases"
    assert one.frontier.take(lease, now)
    assert [p.id for p in one.spool.take(now, 10, 60).pages] == ["1"]
    assert other.spool.depths()["waiting"] == 1
    assert one.redis.xlen(one.events.key) == other.redis.xlen(other.events.key) == 2


def _names(context: AppContext, pattern: str = "*") -> list[str]:
    return [str(name, "utf-8") for name in context.redis.keys(pattern) if isinstance(name, bytes)]


def test_every_key_begins_with_the_prefix(two: tuple[AppContext, AppContext]) -> None:
    _, other = two
    _fill(other)
    names = _names(other)
    assert len(names) > 10
    assert [name for name in names if not name.removeprefix("{").startswith("other:")] == []


def _slot(key: str) -> str:
    """Return the text that decides the slot of a key on a cluster."""
    start = key.find("{")
    end = key.find("}", start)
    return key[start + 1 : end] if start >= 0 and end > start + 1 else key


def test_the_keys_of_each_script_are_in_one_slot() -> None:
    keys = Keys("house")
    host = [*keys.frontier.of_host(HOST), keys.frontier.queue("https://b.example")]
    pages = [*keys.spool.shared, keys.spool.page("1")]
    search = [*keys.outbox.of_search("s"), keys.outbox.matched("1"), keys.events]
    assert [len({_slot(key) for key in group}) for group in (host, pages, search)] == [1, 1, 1]


@pytest.mark.parametrize("queue", ["frontier", "spool", "outbox"])
def test_scripts_use_declared_keys_alone(two: tuple[AppContext, AppContext], queue: str) -> None:
    """Scripts name no key of their own: no prefix is joined to a name in Lua."""
    folder = Path(__file__).parents[2] / "worker" / "queues" / "lua" / queue
    commands = [path for path in folder.glob("*.lua") if not path.name.startswith("_")]
    assert len(commands) > 4
    for path in commands:
        assert "KEYS:" in path.read_text("utf-8"), f"{path.name} does not declare its keys"
        assert '":' not in path.read_text("utf-8").replace('":"', ""), path.name


@contextmanager
def _worker(context: AppContext) -> Iterator[None]:
    """Run a real worker of an installation."""
    settings = context.settings
    environment = {
        **os.environ,
        "COPYDESK_DATA_DIR": str(settings.data_dir),
        "COPYDESK_REDIS_URL": settings.broker_url,
        "COPYDESK_REDIS_PREFIX": settings.redis_prefix,
    }
    command = [sys.executable, "-m", "tasks", "worker", "-P", "solo", "-Q", "add,digest,fetch", "-l", "warning"]
    with subprocess.Popen([*command, "-n", settings.redis_prefix], env=environment) as process:
        yield
        process.terminate()


def _producer(context: AppContext, prefix: str = "") -> Celery:
    url = context.settings.broker_url
    app = Celery(broker=url, backend=url)
    if prefix:
        app.conf.broker_transport_options = {"global_keyprefix": prefix}
        app.conf.result_backend_transport_options = {"global_keyprefix": prefix}
    return app


def test_messages_of_celery_stay_in_their_installation(two: tuple[AppContext, AppContext]) -> None:
    """A plain producer reaches the default installation; one for another prefix sets Celery's key prefix."""
    one, other = two
    with _producer(one) as plain, _producer(other, "other:") as prefixed:
        sent = [app.send_task("copydesk.add", args=[[HOST]], queue="add") for app in (plain, prefixed)]
        assert [context.redis.llen(context.keys.celery_queue("add")) for context in two] == [1, 1]
        assert (one.keys.celery_queue("add"), other.keys.celery_queue("add")) == ("add", "other:add")
        with _worker(other):
            assert sent[1].get(timeout=60)[0]["verdict"] == "created"
            assert (other.ledger.counts()["queued"], one.ledger.counts().get("queued", 0)) == (1, 0)
            assert other.redis.get(other.keys.alive("add")) and not one.redis.get(one.keys.alive("add"))
            answers = prefixed.control.inspect(timeout=2).ping()
            assert len(answers or {}) == 1
            assert not plain.control.inspect(timeout=1).ping(), "remote control reaches its own workers alone"
        assert one.redis.llen("add") == 1, "the message of the other installation still waits"
