"""Reading and writing pages of the spool, and errors on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis.exceptions import NoPermissionError

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
from worker import extraction
from worker.errors import BadInput, Unavailable
from worker.model.records import Outcome, Row, State
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.digest import digest as digest_module
from worker.services.digest.digest import digest
from worker.services.intake.submit import add, retry
from worker.services.maintenance.audit import audit
from worker.storage.ports import WriteResult


class Over:
    """An index whose methods a test replaces."""

    def __init__(self, index: Any) -> None:
        self._index = index

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def _fetch(context: AppContext, web: Web, *paths: str) -> list[Row]:
    answers = add(context, [web.url(path) for path in paths])
    visit_host(context, web.origin, lambda: None)
    return [a.row for a in answers if a.row]


def _row(context: AppContext, row: Row) -> Row:
    found = context.ledger.get([row.id])[0]
    assert found
    return found


def test_a_store_that_does_not_answer_loses_nothing(context: AppContext, web: Web, clock: Clock) -> None:
    web["/s"] = page("Patient")
    (row,) = _fetch(context, web, "/s")

    class Dead(Over):
        def write(self, documents: Any) -> Any:
            raise Unavailable("no answer")

    with pytest.raises(Unavailable):
        digest(replace(context, index=Dead(context.index)))
    assert _row(context, row).state is State.QUEUED
    assert digest(context) == 0, "not at once"
    clock.forward(10)
    assert digest(context) == 1
    assert _row(context, row).outcome is Outcome.INDEXED


def test_a_refused_document_fails_alone(context: AppContext, web: Web) -> None:
    web["/bad"], web["/good"] = page("Bad"), page("Good")
    bad, good = _fetch(context, web, "/bad", "/good")
    index = context.index

    class Choosy(Over):
        def write(self, documents: Any) -> list[WriteResult]:
            kept = [d for d in documents if d.id != bad.id]
            return [WriteResult(id=bad.id, status="refused", reason="mapping conflict"), *index.write(kept)]

    digest(replace(context, index=Choosy(index)))
    assert (_row(context, bad).outcome, _row(context, bad).reason) == (Outcome.FAILED, "index-refused")
    assert "mapping conflict" in str(_row(context, bad).detail)
    assert _row(context, good).outcome is Outcome.INDEXED


def test_a_page_that_breaks_the_reader_does_not_affect_others(
    context: AppContext, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker import extraction

    web["/bad"], web["/good"] = page("Bad"), page("Good")
    bad, good = _fetch(context, web, "/bad", "/good")
    explain = extraction.explain

    def fragile(body: bytes, url: str, **more: Any) -> Any:
        if url.endswith("/bad"):
            raise RuntimeError("oops")
        return explain(body, url, **more)

    monkeypatch.setattr(extraction, "explain", fragile)
    digest(context)
    assert (_row(context, bad).outcome, _row(context, bad).reason) == (Outcome.FAILED, "reader-error")
    assert _row(context, good).outcome is Outcome.INDEXED


def test_a_page_that_kills_its_process_fails(
    context: AppContext, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A BaseException, which no code on the way catches, simulates a process that dies in the middle of a batch."""
    from worker import extraction

    class Killed(BaseException):
        pass

    web["/bad"], web["/good"] = page("Bad"), page("Good")
    bad, good = _fetch(context, web, "/bad", "/good")
    explain = extraction.explain

    def deadly(body: bytes, url: str, **more: Any) -> Any:
        if url.endswith("/bad"):
            raise Killed
        return explain(body, url, **more)

    monkeypatch.setattr(extraction, "explain", deadly)
    for _ in range(10):
        try:
            digest(context)
        except Killed:
            clock.forward(context.settings.digest_lease_s + 1)
    assert (_row(context, bad).outcome, _row(context, bad).reason) == (Outcome.FAILED, "breaks-reader")
    assert _row(context, good).outcome is Outcome.INDEXED


def test_a_late_repetition_changes_nothing(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Once")
    row = ingest(web.url("/s"))
    document = context.index.get([row.id])[0]
    assert document
    assert [w.status for w in context.index.write([document])] == ["stale"]
    assert context.index.get([row.id]) == [document]


@pytest.mark.parametrize(
    ("body", "reason"),
    [("", "unreadable"), ("%PDF-1.7 not a page", "unreadable")],
)
def test_an_unreadable_page_is_rejected_with_its_reason(web: Web, ingest: Ingest, body: str, reason: str) -> None:
    web["/s"] = body
    row = ingest(web.url("/s"))
    assert (row.outcome, row.reason) == (Outcome.REJECTED, reason)


@pytest.fixture
def full(context: AppContext, web: Web) -> Iterator[AppContext]:
    """Fill the spool with three pages, then let Redis refuse every command that needs memory."""
    for n in range(3):
        web[f"/{n}"] = page(f"Story {n}")
    add(context, [web.url(f"/{n}") for n in range(3)])
    visit_host(context, web.origin, lambda: None)
    context.redis.config_set("maxmemory", 1)
    yield context
    context.redis.config_set("maxmemory", 0)


def test_a_redis_without_memory_is_emptied(full: AppContext, clock: Clock) -> None:
    with pytest.raises(Unavailable):  # the counters are refused after the rows are finished
        digest(full)
    clock.forward(10)
    assert digest(full) == 3
    assert full.spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
    assert (published_types(full), full.index.count(), audit(full).problems) == (["article.indexed"] * 3, 3, [])


def test_a_retry_after_a_reader_error_fetches_the_whole_page(
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


def test_a_store_that_refuses_access_does_not_fail_the_pages(context: AppContext, web: Web, clock: Clock) -> None:
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


def test_a_page_that_was_never_read_is_fetched_again(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web[STORY] = Answer(page("Bridge"), headers={"ETag": '"v1"'})
    ingest(web.url(STORY))
    web[STORY] = Answer(page("Bridge corrected"), headers={"ETag": '"v2"'})
    add(context, [web.url(STORY)], force=True)
    fetch_due(context, clock)
    for _ in range(context.settings.digest_attempts):
        context.spool.take(clock().timestamp(), 50, 1)
        clock.forward(2)
    digest(context)
    assert row_of(context, web.url(STORY)).reason == "breaks-reader"
    again = ingest(web.url(STORY), force=True)
    document = context.index.get([again.id])[0]
    assert document
    assert document.article.headline == "Bridge corrected"


def test_a_broker_that_refuses_access_does_not_fail_the_page(
    context: AppContext, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NoPermissionError("this user has no permissions to run XADD")

    web[STORY] = page("Bridge")
    add(context, [web.url(STORY)])
    fetch_due(context, clock)
    monkeypatch.setattr(context.events, "publish", refuse)
    for _ in range(context.settings.digest_attempts + 1):
        with pytest.raises(Unavailable, match="XADD"):
            digest(context)
        clock.forward(digest_module.PAUSE_S + 1)
    monkeypatch.undo()
    digest(context)
    assert row_of(context, web.url(STORY)).outcome is Outcome.INDEXED
    assert audit(context).problems == []


def test_an_article_whose_text_vanished_stays(context: AppContext, web: Web, ingest: Ingest) -> None:
    """Images without a text, for example behind a new wall, do not replace an article."""
    picture = '<figure><img src="/a.jpg" width=900><figcaption>The bridge on Monday. (AP Photo/Dana Whitlock)'
    web[STORY] = page("Bridge")
    ingest(web.url(STORY))
    web[STORY] = (
        f"<html><head><title>Bridge</title></head><body><article><h1>Bridge</h1>{picture}</article></body></html>"
    )
    ended = ingest(web.url(STORY), force=True)
    document = context.index.get([ended.id])[0]
    assert document
    assert document.article.word_count > 50
    assert ended.article_id == ended.id


@pytest.mark.parametrize("etag", [{}, {"ETag": '"v1"'}])
def test_an_article_that_the_index_lost_returns(
    context: AppContext, web: Web, ingest: Ingest, etag: dict[str, str]
) -> None:
    web[STORY] = Answer(page("Bridge"), headers=etag)
    lost = ingest(web.url(STORY))
    context.index.delete([lost.id])
    assert ingest(web.url(STORY), force=True).outcome is Outcome.INDEXED
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_corrected_byline_or_credit_is_a_change(context: AppContext, web: Web, ingest: Ingest) -> None:
    def story(author: str, credit: str, section: str) -> str:
        picture = f'<figure><img src="/a.jpg" width=900><figcaption>The bridge. ({credit})</figcaption></figure>'
        head = f'<meta name="author" content="{author}"><meta property="article:section" content="{section}">'
        return page("Bridge", head=head).replace("</h1>", f"</h1>{picture}")

    web[STORY] = story("Ada Quill", "AP Photo/Dana Whitlock", "Harbour")
    ingest(web.url(STORY))
    for author, credit, section, news in [
        ("Nell Carrow", "AP Photo/Dana Whitlock", "Harbour", True),
        ("Nell Carrow", "AP Photo/Eli Stone", "Harbour", True),
        ("Nell Carrow", "AP Photo/Eli Stone", "Traffic", False),
    ]:
        before = context.redis.xlen(context.events.key)
        web[STORY] = story(author, credit, section)
        ended = ingest(web.url(STORY), force=True)
        (filed,) = context.index.get([ended.id])
        assert filed
        assert ended.outcome is Outcome.INDEXED
        assert (filed.article.author, filed.article.article_section) == ((author,), section)
        assert filed.article.photographer == (credit.partition("/")[2],)
        assert context.redis.xlen(context.events.key) - before == news
    assert ingest(web.url(STORY), force=True).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("wanted", [True, False])
def test_html_is_stored_unless_the_setting_leaves_it_out(
    context: AppContext, web: Web, clock: Clock, wanted: bool
) -> None:
    chosen = replace(context, settings=context.settings.model_copy(update={"index_html": wanted}))
    web[STORY] = page("Bridge")
    (row,) = _fetch(chosen, web, STORY)
    work_off(chosen, clock)
    (found,) = chosen.index.get([row.id])
    assert found and found.article.article_body
    assert bool(found.article.article_html) is wanted
