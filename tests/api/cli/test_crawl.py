"""copydesk status and copydesk crawl, on sites that are crawled in parts, fail, or want to be left alone."""

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
from worker.services.crawl.host_turn import host_turn
from worker.services.digest.digest import digest
from worker.services.sources import registry, sitemap_walk

__all__ = ["clock", "context", "web"]

OLD = "<lastmod>2001-01-01</lastmod>"


@pytest.fixture
def at_desk(copydesk: Command, context: AppContext) -> Command:
    """The command over the same stores as `context`."""
    return partial(
        copydesk,
        COPYDESK_DATA_DIR=str(context.settings.data_dir),
        COPYDESK_REDIS_URL=context.settings.redis_url.get_secret_value(),
        COPYDESK_FETCH_ALLOW_PRIVATE="127.0.0.0/8",
        COPYDESK_FETCH_DELAY_S="0",
        COPYDESK_FETCH_DELAY_FACTOR="0",
    )


@pytest.fixture
def workers(context: AppContext) -> Iterator[None]:
    """Turns and digests, as a running stack takes them."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            for host in context.frontier.due_hosts(context.now().timestamp(), 100, again_s=0):
                host_turn(context, host, lambda: None)
            digest(context)
            time.sleep(0.02)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def tree(web: Web, parts: int) -> str:
    web["/sitemap.xml"] = sitemap(web, *(f"/part{n}.xml" for n in range(parts)), index=True)
    for n in range(parts):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}")
        web[f"/story/{n}"] = page(f"Story {n}")
    return web.url("/sitemap.xml")


def test_status_names_paused_hosts_and_sources_that_fail(at_desk: Command, context: AppContext, web: Web) -> None:
    assert "Paused hosts" not in at_desk("status").out
    registry.register(context, web.url("/gone"), name="the gone one", kind=SourceKind.FEED)
    for _ in range(3):
        registry.crawl_now(context, "the gone one")
    pause = context.frontier.record_failure("https://busy.example", context.now().timestamp(), "http-503", 3600)
    assert pause
    out = " ".join(at_desk("status").out.split())
    until = datetime.fromtimestamp(pause.until, UTC)
    assert f"https://busy.example until {until:%m-%d %H:%M} UTC, because of http-503" in out
    assert "the gone one failing" in out
    found = json.loads(at_desk("status", "--json").out)
    assert found["ailing_sources"] == {"the gone one": "failing"}
    (host,) = found["paused_hosts"]
    assert (host["host"], host["why"]) == ("https://busy.example", "http-503")
    assert datetime.fromisoformat(host["until"]) == until


@pytest.mark.usefixtures("workers")
def test_all_parts_of_a_source_are_waited_for(
    at_desk: Command, context: AppContext, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap_walk, "SITEMAPS_A_VISIT", 1)
    registry.register(context, tree(web, 3), name="map", kind=SourceKind.SITEMAP)
    ended = at_desk("crawl", "map", "--wait")
    assert ended.code == 0, ended
    assert ended.err.splitlines()[-1] == "3 created; finished: 3 indexed"


@pytest.mark.usefixtures("workers")
def test_a_whole_archive_is_crawled_and_waited_for(at_desk: Command, context: AppContext, web: Web) -> None:
    url = tree(web, 2)
    for n in range(2):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}").replace("</loc>", f"</loc>{OLD}")
    assert "0 listed" in at_desk("crawl", url).err
    ended = at_desk("crawl", url, "--all", "--wait")
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "2 created; finished: 2 indexed"), ended


def test_a_broken_part_is_named_and_the_rest_is_queued(at_desk: Command, context: AppContext, web: Web) -> None:
    registry.register(context, tree(web, 3), name="map", kind=SourceKind.SITEMAP)
    web["/part1.xml"] = "<html><p>no sitemap</p></html>"
    ended = at_desk("crawl", "map", "--all")
    assert ended.code == 1
    assert "/part1.xml" in ended.err
    assert context.ledger.counts()["queued"] == 2
    assert {r.source for r in context.ledger.rows()} == {"map"}


def test_a_paused_host_is_named_and_can_be_resumed(
    at_desk: Command, context: AppContext, web: Web, workers: None
) -> None:
    web["/news/1"] = page("The bridge is open again")
    context.frontier.pause(web.origin, time.time() + 3600, "http-503")
    done = at_desk("add", web.url("/news/1"), "--wait", "--timeout", "0.5")
    assert done.code == 1
    assert "is left alone until" in done.err
    assert f"copydesk hosts resume {web.origin}" in done.err
    assert "1 of 1 are not finished yet" in done.err
    (listed,) = json.loads(at_desk("hosts", "list", "--json").out)
    assert (listed["host"], listed["why"]) == (web.origin, "http-503")
    assert "http-503" in at_desk("hosts", "list").out
    assert at_desk("hosts", "resume", "127.0.0.1").code == 0
    again = at_desk("hosts", "resume", "127.0.0.1")
    assert again.code == 2
    assert again.explains("127.0.0.1 is not paused", "copydesk hosts list")
    done = at_desk("add", web.url("/news/1"), "--wait", "--timeout", "30")
    assert done.code == 0
    assert "1 indexed" in done.err


def test_a_host_without_robots_txt_can_be_resumed(at_desk: Command, context: AppContext, web: Web) -> None:
    web["/robots.txt"] = Answer("away", 503)
    web["/news/1"] = page("The bridge is open again")
    at_desk("add", web.url("/news/1"))
    host_turn(context, web.origin, lambda: None)
    (listed,) = json.loads(at_desk("hosts", "list", "--json").out)
    assert (listed["host"], listed["why"]) == (web.origin, "robots-away")
    assert at_desk("hosts", "resume", web.origin.removeprefix("http://")).code == 0
    assert json.loads(at_desk("hosts", "list", "--json").out) == []
    web["/robots.txt"] = ""
    assert context.frontier.due_hosts(time.time(), 10) == [web.origin]
    assert host_turn(context, web.origin, lambda: None).fetched == 1


def test_a_source_that_fails_is_named_once(at_desk: Command, context: AppContext, web: Web) -> None:
    registry.register(context, web.url("/gone"), name="gone", kind=SourceKind.FEED)
    for _ in range(3):
        ended = at_desk("crawl", "gone")
    assert ended.code == 1 and ended.err.count("answered 404") == 1
    assert "failing: http-404, 3 visits in a row" in at_desk("status").out
    assert at_desk("doctor").out.count("0 articles") == 1
