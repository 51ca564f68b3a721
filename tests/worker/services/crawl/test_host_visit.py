"""Host visits: the result of each kind of response."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from tests.support.events import published_types
from tests.worker.services.conftest import (
    STORY,
    Answer,
    Clock,
    Ingest,
    Web,
    fetch_due,
    page,
    row_of,
    work_off,
)
from worker.config.settings import Settings
from worker.errors import FetchFailed
from worker.fetching.fetcher import Fetcher
from worker.fetching.robots import RobotsCache
from worker.model.records import Fetched, Outcome, State
from worker.queues.frontier import Frontier
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.crawl.source_fetch import fetch_page
from worker.services.intake.submit import add, enqueue
from worker.services.maintenance.audit import audit


def test_an_unchanged_page_is_not_read(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = Answer(page("Not changed"), headers={"ETag": '"1"'})
    first = ingest(web.url("/s"))
    second = ingest(web.url("/s"), force=True)
    assert (first.outcome, first.etag) == (Outcome.INDEXED, '"1"')
    assert (second.outcome, second.reason, second.crawl) == (Outcome.UNCHANGED, "http-304", 2)
    assert second.article_id == second.id


def test_a_page_that_says_the_same_is_unchanged(web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Same")
    ingest(web.url("/s"))
    assert ingest(web.url("/s"), force=True).reason == "same-content"


def test_a_correction_is_indexed_again(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Wrong")
    first = ingest(web.url("/s"))
    web["/s"] = page("Corrected")
    second = ingest(web.url("/s"), force=True)
    document = context.index.get([second.id])[0]
    assert second.outcome is Outcome.INDEXED
    assert document and document.article.headline == "Corrected"
    assert document.first_seen_at == first.first_seen_at
    assert published_types(context) == ["article.indexed", "article.changed"]


def test_an_article_with_status_404_is_marked_and_kept(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Soon gone")
    ingest(web.url("/s"))
    del web.answers["/s"]
    row = ingest(web.url("/s"), force=True)
    assert (row.outcome, row.reason, row.gone_at is not None) == (Outcome.FAILED, "http-404", True)
    assert context.index.get([row.id])[0]
    web["/s"] = page("Soon gone")
    assert ingest(web.url("/s"), force=True).gone_at is None


def test_a_url_that_robots_txt_forbids_is_not_requested(web: Web, ingest: Ingest) -> None:
    web["/robots.txt"] = "User-agent: *\nDisallow: /private/"
    web["/private/s"] = page("Private")
    row = ingest(web.url("/private/s"))
    assert (row.outcome, row.reason) == (Outcome.REJECTED, "robots")
    assert web.requests["/private/s"] == 0


def test_a_redirect_to_another_spelling_obeys_delay_and_robots_txt(web: Web, ingest: Ingest) -> None:
    web["/robots.txt"] = "User-agent: *\nDisallow: /s/\nCrawl-delay: 0.3"
    web.redirect("/s", "/s/")
    web["/s/"] = page("Behind a slash")
    assert (ingest(web.url("/s")).reason, web.requests["/s/"]) == ("robots", 0)
    web.redirect("/t", "/t/")
    web["/t/"] = page("Behind a slash")
    begin = time.monotonic()
    assert ingest(web.url("/t")).outcome is Outcome.INDEXED
    assert time.monotonic() - begin > 0.3


def test_urls_of_a_host_without_robots_txt_fail_after_some_attempts(
    context: AppContext, web: Web, clock: Clock
) -> None:
    web["/robots.txt"] = Answer(status=500)
    robots = RobotsCache(context.redis, context.fetcher, context.settings, clock=lambda: clock().timestamp())
    object.__setattr__(context, "robots", robots)
    answers = add(context, [web.url(f"/{n}") for n in range(150)])
    work_off(context, clock)
    rows = context.ledger.get([a.row.id for a in answers if a.row])
    assert {(r.outcome, r.reason) for r in rows if r} == {(Outcome.FAILED, "robots-unreachable")}
    assert context.frontier.depths()["waiting"] == 0
    assert 3 <= web.requests["/robots.txt"] <= 5
    assert sum(web.requests.values()) == web.requests["/robots.txt"]


def test_a_url_of_a_failing_host_is_tried_again_and_then_fails(web: Web, ingest: Ingest) -> None:
    web["/s"] = Answer(status=503)
    row = ingest(web.url("/s"))
    assert (row.outcome, row.reason, row.http_status) == (Outcome.FAILED, "http-503", 503)
    assert web.requests["/s"] == 3


def test_a_failure_can_be_retried(web: Web, ingest: Ingest) -> None:
    web["/s"] = Answer(status=500)
    assert ingest(web.url("/s")).outcome is Outcome.FAILED
    web["/s"] = page("Back again")
    assert ingest(web.url("/s"), force=True).outcome is Outcome.INDEXED


def test_a_visit_ends_before_a_long_delay(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 10"
    for n in range(3):
        web[f"/{n}"] = page(f"Slow {n}")
    add(context, [web.url(f"/{n}") for n in range(3)])
    assert visit_host(context, web.origin, lambda: None).fetched == 0, "it has just given its robots.txt"
    clock.forward(10)
    now = clock().timestamp()
    visit = visit_host(context, web.origin, lambda: None)
    assert visit.fetched == 1
    assert visit.next_at >= now + 10
    assert visit_host(context, web.origin, lambda: None).fetched == 0, "before its time"


def test_a_full_spool_makes_fetching_pause(context: AppContext, web: Web, clock: Clock, monkeypatch: object) -> None:
    web["/s"] = page("Waits")
    (added,) = add(context, [web.url("/s")])
    full = type("Full", (), {"is_full": lambda self: True})()
    object.__setattr__(context, "spool", full)
    assert visit_host(context, web.origin, lambda: None).fetched == 0
    assert added.row
    row = context.ledger.get([added.row.id])[0]
    assert row and row.state is State.QUEUED


def test_rows_finished_meanwhile_are_not_fetched(context: AppContext, web: Web, clock: Clock, ingest: Ingest) -> None:
    web["/s"] = page("Once")
    row = ingest(web.url("/s"))
    context.frontier.push([(row.host, row.id)])
    work_off(context, clock, rounds=1)
    assert web.requests["/s"] == 1


@pytest.mark.parametrize(
    ("head", "header", "listed"),
    [
        ('<meta name="robots" content="noindex, follow">', {}, False),
        ("<META content='NOINDEX' name=robots>", {}, False),
        ("", {"X-Robots-Tag": "noindex"}, False),
        ('<meta name="copydesk" content="none">', {}, False),
        ('<meta name="otherbot" content="noindex">', {"X-Robots-Tag": "otherbot: noindex"}, True),
        ('<meta name="description" content="noindex">', {}, True),
    ],
)
def test_only_pages_that_forbid_indexing_are_rejected(
    context: AppContext, web: Web, ingest: Ingest, head: str, header: dict[str, str], listed: bool
) -> None:
    changed = context.settings.model_copy(update={"fetch_noindex": True})
    object.__setattr__(context, "settings", changed)
    web["/s"] = Answer(page("Listed or not", head=head), headers=header)
    assert (ingest(web.url("/s")).reason != "noindex") is listed


def test_a_host_that_fails_again_and_again_is_paused_as_a_whole(context: AppContext, web: Web, clock: Clock) -> None:
    for n in range(10):
        web[f"/{n}"] = Answer(status=500)
    add(context, [web.url(f"/{n}") for n in range(10)])
    visit = visit_host(context, web.origin, lambda: None)
    (pause,) = context.frontier.paused(clock().timestamp())
    assert (pause.host, pause.reason) == (web.origin, "http-500")
    assert visit.next_at >= clock().timestamp() + context.settings.fetch_breaker_pause_s - 5
    assert (
        sum(n for path, n in web.requests.items() if path != "/robots.txt") == context.settings.fetch_breaker_failures
    )


def test_a_host_that_does_not_answer_in_time_gets_a_longer_delay(context: AppContext, web: Web, clock: Clock) -> None:
    settings = context.settings.model_copy(update={"fetch_read_timeout_s": 0.3, "fetch_delay_factor": 20.0})
    fetcher = Fetcher(settings)
    hasty = replace(context, settings=settings, fetcher=fetcher)
    web["/robots.txt"] = ""
    web["/slow"] = Answer(after_s=0.6)
    assert context.robots.rules(web.origin).fetch_s is not None
    add(hasty, [web.url("/slow")])
    visit = visit_host(hasty, web.origin, lambda: None)
    assert 5 < visit.next_at - clock().timestamp() <= 20
    clock.forward(20)
    with pytest.raises(FetchFailed) as failure:
        fetch_page(hasty, web.url("/slow"))
    assert failure.value.reason == "timeout"
    assert context.frontier.lease(web.origin, clock().timestamp() + 5, 1) is None
    fetcher.close()


def test_a_host_is_paused_for_the_time_in_retry_after(context: AppContext, web: Web, clock: Clock) -> None:
    web["/a"] = Answer(status=429, headers={"Retry-After": "20"})
    web["/b"] = page("Other")
    add(context, [web.url("/a"), web.url("/b")])
    visit_host(context, web.origin, lambda: None)
    assert web.requests["/b"] == 0
    clock.forward(10)
    visit_host(context, web.origin, lambda: None)
    assert web.requests["/b"] == 0
    clock.forward(15)
    visit_host(context, web.origin, lambda: None)
    assert web.requests["/b"] == 1


def test_a_url_whose_fetch_ends_the_process_fails_after_some_tries(
    context: AppContext, web: Web, clock: Clock, monkeypatch: Any
) -> None:
    web["/s"] = page("Deadly")
    (added,) = add(context, [web.url("/s")])

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> Fetched:
        raise Killed

    robots = context.robots.rules(web.origin)
    monkeypatch.setattr(context.robots, "rules", lambda _: robots)
    monkeypatch.setattr(context.fetcher, "get", die)
    monkeypatch.setattr(type(context.frontier), "release", lambda *_: None)  # a dead process releases nothing
    for _ in range(context.settings.fetch_attempts + 2):
        try:
            visit_host(context, web.origin, lambda: None)
        except Killed:
            clock.forward(500)
    assert added.row
    row = context.ledger.get([added.row.id])[0]
    assert row
    assert (row.outcome, row.reason) == (Outcome.FAILED, "breaks-fetcher")


def test_an_unexpected_error_while_fetching_is_a_failure(
    context: AppContext, web: Web, ingest: Ingest, monkeypatch: Any
) -> None:
    calls = []

    def broken(*_: Any, **__: Any) -> Fetched:
        calls.append(1)
        raise ZeroDivisionError

    robots = context.robots.rules(web.origin)
    monkeypatch.setattr(context.robots, "rules", lambda _: robots)
    monkeypatch.setattr(context.fetcher, "get", broken)
    row = ingest(web.url("/s"))
    assert (row.outcome, row.reason) == (Outcome.FAILED, "fetch-error")
    assert len(calls) == context.settings.fetch_attempts


def test_an_article_that_returns_is_not_marked_as_gone(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = Answer(page("Back"), headers={"ETag": '"1"'})
    ingest(web.url("/s"))
    kept = web.answers.pop("/s")
    assert ingest(web.url("/s"), force=True).gone_at
    web["/s"] = kept
    row = ingest(web.url("/s"), force=True)
    assert (row.reason, row.gone_at) == ("http-304", None)


def test_a_page_in_the_spool_is_not_fetched_again(context: AppContext, web: Web) -> None:
    web["/s"] = page("Once is enough")
    add(context, [web.url("/s")])
    visit_host(context, web.origin, lambda: None)
    add(context, [web.url("/s")])
    visit_host(context, web.origin, lambda: None)
    assert web.requests["/s"] == 1


def setting(context: AppContext, **more: object) -> AppContext:
    return replace(context, settings=Settings.model_validate(context.settings.model_dump() | more))


def test_the_crawl_delay_starts_with_robots_txt(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 20"
    web[STORY] = page("Bridge")
    add(context, [web.url(STORY)])
    fetch_due(context, clock)
    assert (web.requests["/robots.txt"], web.requests[STORY]) == (1, 0)
    clock.forward(19)
    fetch_due(context, clock)
    assert web.requests[STORY] == 0
    clock.forward(2)
    fetch_due(context, clock)
    assert (web.requests["/robots.txt"], web.requests[STORY]) == (1, 1)


def test_a_short_delay_after_robots_txt_is_waited_for(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 0.3"
    web[STORY] = page("Bridge")
    add(context, [web.url(STORY)])
    began = time.monotonic()
    fetch_due(context, clock)
    assert web.requests[STORY] == 1
    assert time.monotonic() - began >= 0.3


def test_a_moved_url_is_left_to_its_own_host(context: AppContext, web: Web, clock: Clock) -> None:
    """The sweeper may have put the row back into the queue of the old host."""
    web[STORY] = page("Bridge")
    (added,) = add(context, [web.url(STORY)])
    assert added.row
    elsewhere = web.origin.replace("127.0.0.1", "localhost")
    moved = context.ledger.move(added.row.id, added.row.crawl, elsewhere + STORY, elsewhere)
    assert moved
    enqueue(context, [replace(moved, host=web.origin)])
    visit_host(context, web.origin, lambda: None)
    assert web.requests[STORY] == 0
    assert context.frontier.contains(elsewhere, moved.id)


def test_an_unrequested_304_is_not_an_article(context: AppContext, web: Web, ingest: Ingest) -> None:
    web[STORY] = Answer(status=304)
    ended = ingest(web.url(STORY))
    assert (ended.state, ended.outcome, ended.reason) == (State.FINISHED, Outcome.FAILED, "http-304")


def test_an_article_that_becomes_noindex_is_deleted(context: AppContext, web: Web, ingest: Ingest) -> None:
    web[STORY] = page("Bridge")
    found = ingest(web.url(STORY))
    web[STORY] = page("Bridge", head='<meta name="robots" content="noindex">')
    strict = setting(context, fetch_noindex=True)
    add(strict, [web.url(STORY)], force=True)
    visit_host(strict, web.origin, lambda: None)
    ended = row_of(context, web.url(STORY))
    assert (ended.outcome, ended.reason, ended.article_id) == (Outcome.REJECTED, "noindex", None)
    assert context.index.get([found.id]) == [None]
    assert audit(context).problems == []


def test_an_unrequested_304_counts_as_a_failure_of_the_host(context: AppContext, web: Web, clock: Clock) -> None:
    strict = setting(context, fetch_breaker_failures=2)
    frontier = Frontier(context.redis, strict.settings)
    strict = replace(strict, frontier=frontier)
    for n in range(3):
        web[f"/{n}"] = Answer(status=304)
    add(strict, [web.url(f"/{n}") for n in range(3)])
    fetch_due(strict, clock)
    assert [pause.reason for pause in frontier.paused(clock().timestamp())] == ["http-304"]


def test_an_unexpected_error_counts_as_a_failure_of_the_host(
    context: AppContext, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = setting(context, fetch_breaker_failures=2)
    frontier = Frontier(context.redis, strict.settings)
    strict = replace(strict, frontier=frontier)
    add(strict, [web.url(f"/{n}") for n in range(3)])
    visit_host(strict, web.origin, lambda: None)  # fetches robots.txt

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(strict.fetcher, "get", fail)
    add(strict, [web.url(f"/more/{n}") for n in range(3)])
    fetch_due(strict, clock)
    assert [pause.reason for pause in frontier.paused(clock().timestamp())] == ["fetch-error"]
