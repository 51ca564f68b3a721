"""Visits of sources as jobs of host visits."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.worker.services.conftest import (
    Answer,
    Clock,
    Web,
    page,
    serve_web,
    work_off,
)
from tests.worker.services.sources.test_registry import feed, sitemap
from worker.errors import FetchFailed
from worker.model.catalog import Source, SourceKind
from worker.queues.spool import Spool
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.crawl.jobs import HubJob, SourceJob, parse_job
from worker.services.crawl.source_fetch import fetch_page
from worker.services.intake.submit import add
from worker.services.sources import registry, visits

SLOW_HOSTS = 4
SOURCES_PER_HOST = 5
THREADS = 6
ANSWER_S = 0.4


@pytest.fixture
def other() -> Iterator[Web]:
    """Yield a second host."""
    yield from serve_web()


def _register(context: AppContext, url: str, name: str, kind: SourceKind = SourceKind.FEED) -> None:
    registry.register(context, url, name=name, kind=kind)


def _history(context: AppContext, name: str) -> dict[str, object]:
    return dict(context.catalog.sources.get(name).history)


@pytest.mark.parametrize(
    "job", [SourceJob("ä / b", 7), SourceJob("x", 1, "https://a.example/?b=c:d", 2), HubJob("y:z")]
)
def test_jobs_and_their_ids(job: SourceJob | HubJob) -> None:
    assert parse_job(job.id) == job
    assert parse_job("0" * 32) is None


def test_a_due_source_is_visited_before_the_urls_of_its_host(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 2"
    web["/feed"] = feed(web, "/new")
    for n in range(5):
        web[f"/{n}"] = page(f"Waiting {n}")
    add(context, [web.url(f"/{n}") for n in range(5)])
    _register(context, web.url("/feed"), "daily")
    assert visits.queue_due(context, 10) == 1
    assert visits.queue_due(context, 10) == 0, "it is claimed"
    work_off(context, clock, rounds=2)
    assert (web.requests["/feed"], sum(web.requests[f"/{n}"] for n in range(5))) == (1, 0)
    assert _history(context, "daily")["visits"] == 1


def test_a_job_that_was_replaced_does_nothing(context: AppContext, web: Web, clock: Clock) -> None:
    web["/feed"] = feed(web, "/1")
    _register(context, web.url("/feed"), "daily")
    visits.queue_due(context, 10)
    assert visits.crawl_now(context, "daily").new == 1
    work_off(context, clock)
    assert web.requests["/feed"] == 1
    assert context.frontier.depths()["waiting"] == 0


def test_a_source_that_waits_for_a_paused_host_has_one_job(context: AppContext, web: Web, clock: Clock) -> None:
    _register(context, web.url("/feed"), "daily")
    context.frontier.pause(web.origin, clock().timestamp() + 10 * visits.CLAIM_S, "http-503")
    for _ in range(4):
        assert visits.queue_due(context, 10) == 1
        clock.forward(visits.CLAIM_S + 1)
    assert context.frontier.depths()["waiting"] == 1


def test_a_full_spool_does_not_stop_the_visits_of_sources(context: AppContext, web: Web) -> None:
    web["/feed"] = feed(web, "/new")
    web["/waits"] = page("Waits")
    _register(context, web.url("/feed"), "daily")
    (waiting,) = add(context, [web.url("/waits")])
    visits.queue_due(context, 10)
    full = replace(context, spool=Spool(context.redis, context.settings.model_copy(update={"spool_max_bytes": 0})))
    visit = visit_host(full, web.origin, lambda: None)
    assert (web.requests["/feed"], web.requests["/waits"], web.requests["/new"]) == (1, 0, 0)
    assert _history(context, "daily")["visits"] == 1
    assert visit.next_at > context.now().timestamp()
    assert waiting.row
    assert context.frontier.contains(web.origin, waiting.row.id)


def test_a_source_without_a_valid_url_does_not_stop_the_others(context: AppContext, web: Web, clock: Clock) -> None:
    web["/feed"] = feed(web, "/1")
    _register(context, web.url("/feed"), "daily")
    now = context.now()
    context.catalog.sources.add(
        Source(
            name="broken",
            url="ftp://x.example/feed",
            kind=SourceKind.FEED,
            schedule="1h",
            created_at=now,
            next_due_at=now - timedelta(hours=1),
        )
    )
    assert visits.queue_due(context, 10) == 1
    work_off(context, clock)
    assert _history(context, "daily")["visits"] == 1
    assert _history(context, "broken")["failed"] == "bad-url"
    assert visits.queue_due(context, 10) == 0, "it is due again by its schedule"


def test_a_redirect_continues_in_a_visit_of_the_other_host(
    context: AppContext, web: Web, other: Web, clock: Clock
) -> None:
    other["/robots.txt"] = "User-agent: *\nDisallow: /closed"
    web.redirect("/feed", other.url("/feed"))
    web.redirect("/closed", other.url("/closed"))
    other["/feed"] = feed(web, "/1")
    _register(context, web.url("/feed"), "moved")
    _register(context, web.url("/closed"), "closed")
    visits.queue_due(context, 10)
    visit_host(context, web.origin, lambda: None)
    assert (other.requests["/feed"], "visits" in _history(context, "moved")) == (0, False)
    work_off(context, clock)
    assert (web.requests["/feed"], other.requests["/feed"]) == (1, 1)
    assert _history(context, "moved")["visits"] == 1
    assert (_history(context, "closed")["failed"], other.requests["/closed"]) == ("robots", 0)


def test_redirects_without_end_are_a_failed_visit(context: AppContext, web: Web, other: Web, clock: Clock) -> None:
    web.redirect("/feed", other.url("/feed"))
    other.redirect("/feed", web.url("/feed"))
    _register(context, web.url("/feed"), "circle")
    visits.queue_due(context, 10)
    work_off(context, clock, rounds=20)
    assert _history(context, "circle")["failed"] == "too-many-redirects"
    assert web.requests["/feed"] + other.requests["/feed"] == context.settings.fetch_max_redirects + 1


def test_a_slow_host_gives_one_sitemap_a_visit(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 5"
    web["/sitemap.xml"] = sitemap(web, "/part0.xml", "/part1.xml", index=True)
    for n in range(2):
        web[f"/part{n}.xml"] = sitemap(web, f"/story/{n}")
    _register(context, web.url("/sitemap.xml"), "map", SourceKind.SITEMAP)
    seen = []
    for _ in range(20):
        visits.queue_due(context, 10)
        before = sum(web.requests.values())
        visit_host(context, web.origin, lambda: None)
        seen.append(sum(web.requests.values()) - before)
        clock.forward(6)
    assert max(seen) == 1
    assert [web.requests[path] for path in ("/sitemap.xml", "/part0.xml", "/part1.xml")] == [1, 1, 1]


def test_a_host_without_robots_txt_fails_its_sources(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = Answer(status=503)
    _register(context, web.url("/feed"), "daily")
    visits.queue_due(context, 10)
    visit_host(context, web.origin, lambda: None)
    assert (_history(context, "daily")["failed"], web.requests["/feed"]) == ("robots-away", 0)


class _Pool:
    """A pool of fetch threads like that of a worker. It counts the current visits by host."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS)

    def run(self, is_over: Callable[[], bool], within_s: float = 60) -> None:
        running: set[Future[None]] = set()
        until = time.monotonic() + within_s
        while not is_over():
            assert time.monotonic() < until
            running = {f for f in running if not f.done()}
            if len(running) < THREADS:  # a worker takes one message for each free thread
                for host in self.context.frontier.due_hosts(time.time(), THREADS - len(running)):
                    running.add(self._threads.submit(self._visit, host))
            time.sleep(0.01)
        self._threads.shutdown()

    def _visit(self, host: str) -> None:
        with self._lock:
            self.under_way[host] += 1
            self.most[host] = max(self.most[host], self.under_way[host])
        try:
            visit_host(self.context, host, lambda: None)
        finally:
            with self._lock:
                self.under_way[host] -= 1


def test_slow_sources_hold_no_thread_beyond_their_own_requests(context: AppContext, web: Web) -> None:
    """Each of twenty slow hosts holds at most one thread, and the URLs of another host are fetched meanwhile."""
    paths = [f"/{n}" for n in range(20)]
    for path in paths:
        web[path] = page(f"Quick {path}")
    with ExitStack() as stack:
        slow = [stack.enter_context(contextmanager(serve_web)()) for _ in range(SLOW_HOSTS)]
        for h, host in enumerate(slow):
            for n in range(SOURCES_PER_HOST):
                host[f"/feed{n}"] = Answer(feed(host), after_s=ANSWER_S)
                _register(context, host.url(f"/feed{n}"), f"slow {h} {n}")
        assert visits.queue_due(context, 100) == SLOW_HOSTS * SOURCES_PER_HOST
        add(context, [web.url(path) for path in paths])
        answered_before: list[int] = []

        def count_feeds() -> int:
            return sum(n for host in slow for path, n in host.requests.items() if path.startswith("/feed"))

        def is_over() -> bool:
            if not answered_before and all(web.requests[path] for path in paths):
                answered_before.append(count_feeds())
            done = sum("visits" in _history(context, s.name) for s in context.catalog.sources.all())
            return bool(answered_before) and done == SLOW_HOSTS * SOURCES_PER_HOST

        pool = _Pool(context)
        pool.run(is_over)
    assert [pool.most[host.origin] for host in slow] == [1] * SLOW_HOSTS, "one thread for each host at most"
    assert all(host.most_at_once == 1 for host in slow), "and one request at a time"
    assert answered_before[0] < SLOW_HOSTS * SOURCES_PER_HOST, "the URLs of another host did not wait for the sources"


def test_a_visit_obeys_the_retry_after_of_a_source(context: AppContext, web: Web, clock: Clock) -> None:
    web["/feed"] = Answer(status=429, headers={"Retry-After": "3600"})
    registry.register(context, web.url("/feed"), name="busy", kind=SourceKind.FEED)
    assert visits.crawl_now(context, "busy").problem
    (pause,) = context.frontier.paused(clock().timestamp())
    assert pause.host == web.origin
    again = visits.crawl_now(context, "busy")
    assert again.problem
    assert "is paused" in again.problem
    assert web.requests["/feed"] == 1
    with pytest.raises(FetchFailed, match="is paused"):
        fetch_page(context, web.url("/other"))
