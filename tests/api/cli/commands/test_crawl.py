"""`copydesk crawl`, `status` and `hosts` with sitemaps in parts, failing sources and paused hosts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from tests.api.cli.conftest import Command
from tests.worker.services.conftest import Answer, Web, clock, context, page, web
from tests.worker.services.sources.test_registry import sitemap
from worker.model.catalog import SourceKind
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.digest.digest import digest
from worker.services.sources import registry, sitemap_walk, visits

__all__ = ["clock", "context", "web"]

OLD = "<lastmod>2001-01-01</lastmod>"


@pytest.fixture
def command(copydesk: Command, context: AppContext) -> Command:
    """Return a command with the same stores as `context`."""
    return partial(
        copydesk,
        COPYDESK_DATA_DIR=str(context.settings.data_dir),
        COPYDESK_REDIS_URL=context.settings.broker_url,
        COPYDESK_FETCH_ALLOW_PRIVATE="127.0.0.0/8",
        COPYDESK_FETCH_DELAY_S="0",
        COPYDESK_FETCH_DELAY_FACTOR="0",
    )


@pytest.fixture
def workers(context: AppContext) -> Iterator[None]:
    """Host visits and digests in a thread, as a running stack does them."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            for host in context.frontier.due_hosts(context.now().timestamp(), 100, again_s=0):
                visit_host(context, host, lambda: None)
            digest(context)
            time.sleep(0.02)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def sitemap_tree(web: Web, parts: int) -> str:
    """Serve a sitemap index with one article in each of its parts, and return its URL."""
    web["/sitemap.xml"] = sitemap(web, *(f"/part{n}.xml" for n in range(parts)), index=True)
    for n in range(parts):
        web[f"/part{n}.xml"] = sitemap(web, f"/article/{n}")
        web[f"/article/{n}"] = page(f"Article {n}")
    return web.url("/sitemap.xml")


def test_status_lists_paused_hosts_and_failing_sources(command: Command, context: AppContext, web: Web) -> None:
    assert "Paused hosts" not in command("status").out
    registry.register(context, web.url("/gone"), name="missing feed", kind=SourceKind.FEED)
    for _ in range(3):
        visits.crawl_now(context, "missing feed")
    pause = context.frontier.record_failure("https://busy.example", context.now().timestamp(), "http-503", 3600)
    assert pause
    out = " ".join(command("status").out.split())
    until = datetime.fromtimestamp(pause.until, UTC)
    assert f"https://busy.example until {until:%m-%d %H:%M} UTC, because of http-503" in out
    assert "missing feed failing" in out
    found = json.loads(command("status", "--json").out)
    assert found["unhealthy_sources"] == {"missing feed": "failing"}
    (host,) = found["paused_hosts"]
    assert (host["host"], host["reason"]) == ("https://busy.example", "http-503")
    assert datetime.fromisoformat(host["until"]) == until


@pytest.mark.usefixtures("workers")
def test_wait_covers_all_parts_of_a_source(
    command: Command, context: AppContext, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap_walk, "MAX_SITEMAPS", 1)
    registry.register(context, sitemap_tree(web, 3), name="map", kind=SourceKind.SITEMAP)
    ended = command("crawl", "map", "--wait")
    assert ended.code == 0, ended
    assert ended.err.splitlines()[-1] == "3 created; finished: 3 indexed"


@pytest.mark.usefixtures("workers")
def test_all_queues_old_articles_too(command: Command, context: AppContext, web: Web) -> None:
    url = sitemap_tree(web, 2)
    for n in range(2):
        web[f"/part{n}.xml"] = sitemap(web, f"/article/{n}").replace("</loc>", f"</loc>{OLD}")
    assert "0 URLs listed" in command("crawl", url).err
    ended = command("crawl", url, "--all", "--wait")
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "2 created; finished: 2 indexed"), ended


def test_broken_part_is_named_and_the_others_are_queued(command: Command, context: AppContext, web: Web) -> None:
    registry.register(context, sitemap_tree(web, 3), name="map", kind=SourceKind.SITEMAP)
    web["/part1.xml"] = "<html><p>no sitemap</p></html>"
    ended = command("crawl", "map", "--all")
    assert ended.code == 1
    assert "/part1.xml" in ended.err
    assert context.ledger.counts()["queued"] == 2
    assert {r.source for r in context.ledger.rows()} == {"map"}


def test_paused_host_is_named_and_can_be_resumed(
    command: Command, context: AppContext, web: Web, workers: None
) -> None:
    web["/news/1"] = page("The bridge is open again")
    context.frontier.pause(web.origin, time.time() + 3600, "http-503")
    done = command("add", web.url("/news/1"), "--wait", "--timeout", "0.5")
    assert done.code == 1
    assert "is paused until" in done.err
    assert f"copydesk hosts resume {web.origin}" in done.err
    assert "1 of 1 URLs are not finished yet" in done.err
    (listed,) = json.loads(command("hosts", "list", "--json").out)
    assert (listed["host"], listed["reason"]) == (web.origin, "http-503")
    assert "http-503" in command("hosts", "list").out
    assert command("hosts", "resume", "127.0.0.1").code == 0
    again = command("hosts", "resume", "127.0.0.1")
    assert again.code == 2
    assert again.explains("127.0.0.1 is not paused", "copydesk hosts list")
    done = command("add", web.url("/news/1"), "--wait", "--timeout", "30")
    assert done.code == 0
    assert "1 indexed" in done.err


def test_host_paused_for_its_robots_txt_can_be_resumed(command: Command, context: AppContext, web: Web) -> None:
    web["/robots.txt"] = Answer("away", 503, headers={"Retry-After": "60"})
    web["/news/1"] = page("The bridge is open again")
    command("add", web.url("/news/1"))
    visit_host(context, web.origin, lambda: None)
    (listed,) = json.loads(command("hosts", "list", "--json").out)
    assert (listed["host"], listed["reason"]) == (web.origin, "robots-away")
    assert command("hosts", "resume", web.origin.removeprefix("http://")).code == 0
    assert json.loads(command("hosts", "list", "--json").out) == []
    web["/robots.txt"] = ""
    assert context.frontier.due_hosts(time.time(), 10) == [web.origin]
    assert visit_host(context, web.origin, lambda: None).fetched == 1


def test_failing_source_is_named_once(command: Command, context: AppContext, web: Web) -> None:
    registry.register(context, web.url("/gone"), name="gone", kind=SourceKind.FEED)
    for _ in range(3):
        ended = command("crawl", "gone")
    assert ended.code == 1 and ended.err.count("answered 404") == 1
    assert "failing: http-404, 3 visits in a row" in command("status").out
    assert command("doctor").out.count("0 articles") == 1
