"""What once went wrong: each test is a scenario that lost or mistook something."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.events import published_types
from tests.worker.services.conftest import Answer, Clock, Ingest, Web, page, work_off
from worker import extraction
from worker.errors import BadInput, FetchFailed
from worker.model.catalog import SourceKind
from worker.model.records import Fetched, Outcome, State
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.crawl.page_fetch import fetch_page
from worker.services.crawl.recrawl import recrawl
from worker.services.crawl.sweeper import sweep
from worker.services.digest.digest import digest
from worker.services.intake import warc_import
from worker.services.intake.submit import add, retry
from worker.services.maintenance.audit import audit
from worker.services.sources import registry, visits


def test_a_retry_after_a_reader_failure_asks_for_the_whole_page(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    web["/s"] = Answer(page("Read at last"), headers={"ETag": '"1"'})
    with monkeypatch.context() as patch:
        patch.setattr(extraction, "explain", lambda *_, **__: 1 / 0)
        row = ingest(web.url("/s"))
    assert row.reason == "reader-error"
    retry(context, [row])
    work_off(context, clock)
    assert context.ledger.get([row.id])[0].outcome is Outcome.INDEXED  # type: ignore[union-attr]


def test_canonical_links_that_name_each_other_in_one_batch_leave_one_article(context: AppContext, web: Web) -> None:
    web["/x/twins"] = page("Twins", head='<link rel="canonical" href="/y/twins">')
    web["/y/twins"] = page("Twins", head='<link rel="canonical" href="/x/twins">')
    add(context, [web.url("/x/twins"), web.url("/y/twins")])
    visit_host(context, web.origin, lambda: None)
    digest(context)
    result = audit(context)
    assert (result.documents, result.problems) == (1, [])


def test_a_url_that_kills_its_fetcher_is_given_up(
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
    monkeypatch.setattr(type(context.frontier), "release", lambda *_: None)  # the dead release nothing
    for _ in range(context.settings.fetch_attempts + 2):
        try:
            visit_host(context, web.origin, lambda: None)
        except Killed:
            clock.forward(500)
    assert added.row
    row = context.ledger.get([added.row.id])[0]
    assert row
    assert (row.outcome, row.reason) == (Outcome.FAILED, "breaks-fetcher")


def test_a_fault_of_ours_while_fetching_is_a_failure_like_any_other(
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


def test_rows_that_rightly_wait_do_not_hide_lost_ones(
    context: AppContext, web: Web, clock: Clock, monkeypatch: Any
) -> None:
    monkeypatch.setattr("worker.services.crawl.sweeper.BATCH", 10)
    add(context, [web.url(f"/{n}") for n in range(35)])
    clock.forward(1)
    (lost,) = add(context, [web.url("/lost")])
    assert lost.row
    context.frontier.remove(lost.row.host, lost.row.id)
    clock.forward(61)
    assert sweep(context) == 1
    assert context.frontier.contains(lost.row.host, lost.row.id)


def test_a_sweep_that_ran_out_of_time_goes_on_with_the_next(
    context: AppContext, web: Web, clock: Clock, monkeypatch: Any
) -> None:
    monkeypatch.setattr("worker.services.crawl.sweeper.BATCH", 10)
    monkeypatch.setattr("worker.services.crawl.sweeper.MAX_S", 1e-9)
    add(context, [web.url(f"/{n}") for n in range(25)])
    clock.forward(1)
    (lost,) = add(context, [web.url("/lost")])
    assert lost.row
    context.frontier.remove(lost.row.host, lost.row.id)
    clock.forward(61)
    monkeypatch.setattr("worker.services.crawl.sweeper.MAX_S", 0.02)
    for _ in range(10):
        sweep(context)
    assert context.frontier.contains(lost.row.host, lost.row.id)


def _answer(url: str, headline: str, clock: Clock) -> Fetched:
    body = page(headline).encode()
    headers = {"content-type": "text/html"}
    return Fetched(url=url, status=200, headers=headers, body=body, fetched_at=clock(), elapsed_s=0.0)


def test_an_interrupted_import_goes_on_without_fetching(
    context: AppContext, web: Web, clock: Clock, monkeypatch: Any
) -> None:
    answers = [_answer(web.url(f"/{n}"), f"Archived story {n}", clock) for n in range(6)]
    put, done = context.spool.put, list[int]()

    def interrupted(waiting: Any) -> bool:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return put(waiting)

    with monkeypatch.context() as patch:
        patch.setattr(context.spool, "put", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(warc_import.import_pages(context, answers, source="import"))
    list(warc_import.import_pages(context, answers, source="import"))
    digest(context)
    assert context.ledger.counts().get("indexed") == 6
    assert not web.requests


def test_an_interrupted_replay_goes_on_without_fetching(
    context: AppContext, web: Web, ingest: Ingest, monkeypatch: Any
) -> None:
    web["/s"] = page("Replayed")
    row = ingest(web.url("/s"))
    places = warc_import.latest_places(context)
    with monkeypatch.context() as patch:
        patch.setattr(context.spool, "put", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            list(warc_import.replay(context, places))
    assert context.ledger.get([row.id])[0].state is State.QUEUED  # type: ignore[union-attr]
    list(warc_import.replay(context, places))
    digest(context)
    assert context.ledger.get([row.id])[0].state is State.FINISHED  # type: ignore[union-attr]
    assert web.requests["/s"] == 1


def test_a_hop_to_another_origin_of_the_same_address_is_that_origins_turn(context: AppContext, web: Web) -> None:
    secure = web.origin.replace("http://", "https://")
    web["/s"] = Answer(status=301, headers={"Location": f"{secure}/s"})
    (added,) = add(context, [web.url("/s")])
    visit_host(context, web.origin, lambda: None)
    assert added.row
    row = context.ledger.get([added.row.id])[0]
    assert row
    assert (row.url, row.host, row.hops, row.state) == (f"{secure}/s", secure, 1, State.QUEUED)
    assert context.frontier.contains(secure, row.id)
    assert not context.frontier.contains(web.origin, row.id)


def test_a_feed_that_asks_for_time_gets_it(context: AppContext, web: Web, clock: Clock) -> None:
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


def test_a_failed_recrawl_does_not_end_later_ones(context: AppContext, web: Web, ingest: Ingest, clock: Clock) -> None:
    web["/s"] = page("Corrected later")
    ingest(web.url("/s"))
    web["/s"] = Answer(status=503)
    clock.forward(3600)
    assert recrawl(context) == 1
    work_off(context, clock)
    (row,) = context.ledger.rows()
    assert row.outcome is Outcome.FAILED
    assert row.next_crawl_at


def test_an_article_that_moves_is_announced_as_gone(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web["/a"] = page("Moving")
    ingest(web.url("/a"))
    web.redirect("/a", "/b")
    web["/b"] = page("Moving")
    ingest(web.url("/a"), force=True)
    clock.forward(300)
    recrawl(context)
    work_off(context, clock)
    assert published_types(context) == ["article.indexed", "article.indexed", "article.gone"]


def test_an_article_that_is_back_is_no_longer_gone(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = Answer(page("Back"), headers={"ETag": '"1"'})
    ingest(web.url("/s"))
    kept = web.answers.pop("/s")
    assert ingest(web.url("/s"), force=True).gone_at
    web["/s"] = kept
    row = ingest(web.url("/s"), force=True)
    assert (row.reason, row.gone_at) == ("http-304", None)


def test_an_article_that_was_filed_by_its_canonical_link_is_replayed(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, monkeypatch: Any
) -> None:
    web["/print/7"] = page("Printed", head='<link rel="canonical" href="/story/7">')
    ingest(web.url("/print/7"))
    monkeypatch.setattr(extraction, "REVISION", extraction.REVISION + 1)
    (counts,) = warc_import.replay(context, warc_import.latest_places(context))
    assert counts["replayed"] == 1
    digest(context)
    result = audit(context)
    assert (result.documents, result.problems, result.queued) == (1, [], 0)
    assert not web.requests["/story/7"]


def test_what_a_feed_says_fills_what_the_page_leaves_open(context: AppContext, web: Web, clock: Clock) -> None:
    entry = "<item><title>Told</title><link>{}</link><pubDate>{}</pubDate><author>Nell Carrow</author></item>"
    dated = entry.format(web.url("/s"), clock().strftime("%a, %d %b %Y %H:%M:%S GMT"))
    web["/feed"] = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{dated}</channel></rss>'
    web["/s"] = page("A page without a date")
    visits.crawl_once(context, web.url("/feed"))
    work_off(context, clock)
    (document,) = [d for d in context.index.get([r.id for r in context.ledger.rows()]) if d]
    assert document.article.date_published
    assert document.article.headline == "A page without a date", "the page itself comes first"


def test_a_store_that_refuses_us_is_no_fault_of_the_pages(context: AppContext, web: Web, clock: Clock) -> None:
    web["/s"] = page("Patient with operators")
    (added,) = add(context, [web.url("/s")])
    visit_host(context, web.origin, lambda: None)
    write = context.index.write
    for _ in range(context.settings.digest_attempts + 2):
        object.__setattr__(context.index, "write", lambda _: (_ for _ in ()).throw(BadInput("the key was rotated")))
        with pytest.raises(BadInput):
            digest(context)
        clock.forward(10)
    object.__setattr__(context.index, "write", write)
    digest(context)
    assert added.row
    row = context.ledger.get([added.row.id])[0]
    assert row
    assert row.outcome is Outcome.INDEXED


def test_a_page_that_waits_to_be_read_is_not_fetched_again(context: AppContext, web: Web) -> None:
    web["/s"] = page("Once is enough")
    add(context, [web.url("/s")])
    visit_host(context, web.origin, lambda: None)
    add(context, [web.url("/s")])
    visit_host(context, web.origin, lambda: None)
    assert web.requests["/s"] == 1
