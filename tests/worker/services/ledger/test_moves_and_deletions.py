"""Articles that move to other URLs or vanish: no article is lost, no deleted one stays, no host is asked forever."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.exceptions import NoPermissionError

from tests.worker.services.conftest import Answer, Clock, Ingest, Web, page, work_off
from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.records import Outcome, Row, State
from worker.services.articles import takedown
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.crawl.recrawl import recrawl
from worker.services.digest import digest as digest_module
from worker.services.digest import writer
from worker.services.digest.digest import digest
from worker.services.intake.submit import add, enqueue
from worker.services.ledger import lookup
from worker.services.maintenance.audit import audit

STORY, OTHER = "/news/harbour-bridge-opens-again-12345", "/syndicated/harbour-bridge-opens-again-12345-x"


def row(context: AppContext, url: str) -> Row:
    found = lookup.row(context, lookup.identify(url))
    assert found
    return found


def fetch(context: AppContext, clock: Clock) -> None:
    for host in context.frontier.due_hosts(clock().timestamp(), 9, again_s=0):
        visit_host(context, host, lambda: None)


def naming(path: str, headline: str = "Bridge") -> str:
    return page(headline, head=f'<link rel="canonical" href="{path}">')


def setting(context: AppContext, **more: object) -> AppContext:
    return replace(context, settings=Settings.model_validate(context.settings.model_dump() | more))


@pytest.mark.parametrize("ended", ["queued", "failed"])
def test_an_address_leads_to_its_article_while_it_is_crawled_again(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, ended: str
) -> None:
    web[OTHER] = naming(STORY)
    other = ingest(web.url(OTHER))
    web.answers.pop(OTHER)
    add(context, [web.url(OTHER)], force=True)
    if ended == "failed":
        work_off(context, clock)
        assert row(context, web.url(OTHER)).reason == "http-404"
    assert lookup.document(context, other.id)
    assert takedown.remove(context, web.url(OTHER), block=True).documents == 1
    assert context.index.count() == 0


@pytest.mark.parametrize("had_document", [False, True])
def test_an_address_that_failed_gets_the_article_that_names_it(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, had_document: bool
) -> None:
    web[OTHER] = page("Bridge") if had_document else naming(STORY)
    if had_document:
        ingest(web.url(OTHER))
    assert ingest(web.url(STORY)).reason == "http-404"
    web[OTHER] = naming(STORY)
    assert ingest(web.url(OTHER), force=True).outcome is Outcome.DUPLICATE
    document = lookup.document(context, row(context, web.url(OTHER)).id)
    assert document
    assert document.id == row(context, web.url(STORY)).id
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_two_pages_of_one_article_in_one_batch(context: AppContext, web: Web, clock: Clock) -> None:
    web[OTHER], web[STORY] = naming(STORY), naming(STORY)
    add(context, [web.url(OTHER), web.url(STORY)])
    work_off(context, clock)
    assert row(context, web.url(STORY)).outcome is Outcome.INDEXED
    assert row(context, web.url(OTHER)).outcome is Outcome.DUPLICATE
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_an_article_stays_whose_new_address_shows_a_wall_in_the_same_batch(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    """What the address itself shows is read first; the page that names it has the story all the same."""
    web[OTHER] = page("Bridge")
    ingest(web.url(OTHER))
    web[STORY], web[OTHER] = "<!doctype html><title>Log in</title><p>Log in.</p>", naming(STORY)
    add(context, [web.url(STORY)])
    fetch(context, clock)
    add(context, [web.url(OTHER)], force=True)
    clock.forward(1)
    fetch(context, clock)
    assert context.spool.depths()["waiting"] == 2
    digest(context)
    document = lookup.document(context, row(context, web.url(OTHER)).id)
    assert document
    assert document.id == row(context, web.url(STORY)).id
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_page_that_names_another_address_leaves_it_no_validators(
    context: AppContext, web: Web, ingest: Ingest
) -> None:
    """They belong to the page that was asked for; the other address would be taken for unchanged by them."""
    web[OTHER] = Answer(
        naming(STORY), headers={"ETag": '"of-the-other"', "Last-Modified": "Tue, 24 Nov 2026 07:00:00 GMT"}
    )
    ingest(web.url(OTHER))
    there = row(context, web.url(STORY))
    assert there.article_id == there.id
    assert (there.etag, there.last_modified) == (None, None)


def test_two_articles_that_turn_out_to_be_one_in_one_batch(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    third = "/print/harbour-bridge-opens-again-12345-p"
    for path in (OTHER, third):
        web[path] = page("Bridge")
        ingest(web.url(path))
    for path in (OTHER, third):
        web[path] = naming(STORY)
    add(context, [web.url(OTHER), web.url(third)], force=True)
    work_off(context, clock)
    assert {row(context, web.url(path)).outcome for path in (OTHER, third)} == {Outcome.DUPLICATE}
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_page_taken_down_is_not_filed_from_another_that_names_it(
    context: AppContext, web: Web, ingest: Ingest
) -> None:
    web[STORY], web[OTHER] = page("Bridge"), naming(STORY)
    ingest(web.url(STORY))
    takedown.remove(context, web.url(STORY), block=False)
    ingest(web.url(OTHER))
    assert context.index.count() == 0


def test_a_death_between_two_writes_loses_no_article(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    web[OTHER] = page("Bridge")
    ingest(web.url(OTHER))
    web[OTHER] = naming(STORY)
    add(context, [web.url(OTHER)], force=True)
    fetch(context, clock)
    monkeypatch.setattr(writer, "withdraw_rows", die)
    with pytest.raises(Killed):
        digest(context)
    monkeypatch.undo()
    assert context.index.count() >= 1
    clock.forward(context.settings.digest_lease_s + 1)
    work_off(context, clock)
    assert [d and d.article.headline for d in context.index.get([row(context, web.url(STORY)).id])] == ["Bridge"]
    assert (context.index.count(), audit(context).problems) == (1, [])


def poll(context: AppContext, clock: Clock, rounds: int) -> None:
    for _ in range(rounds):
        clock.forward(300)
        recrawl(context)
        work_off(context, clock, 2)


def test_a_login_in_place_of_an_article_is_not_asked_for_ever(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web[STORY] = page("Bridge")
    ingest(web.url(STORY))
    web.redirect(STORY, "/account/login?next=x", 302)
    web["/account/login?next=x"] = "<html><body><form>Log in</form></body></html>"
    clock.forward(3 * 86_400)
    ingest(web.url(STORY), force=True)
    asked = web.requests[STORY]
    poll(context, clock, 12)
    assert web.requests[STORY] - asked <= 2
    assert row(context, web.url(STORY)).reason == "redirects-away"
    assert context.index.count() == 1


def test_a_new_address_that_once_failed_is_tried_again(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web[STORY] = page("Bridge")
    web["/story/second-99999"] = Answer(status=503)
    ingest(web.url(STORY))
    clock.forward(10)
    for _ in range(3):
        ingest(web.url("/story/second-99999"))
        clock.forward(100)
    assert row(context, web.url("/story/second-99999")).outcome is Outcome.FAILED
    web["/story/second-99999"] = page("Bridge moved")
    web.redirect(STORY, "/story/second-99999")
    ingest(web.url(STORY), force=True)
    poll(context, clock, 4)
    assert row(context, web.url(STORY)).outcome is Outcome.DUPLICATE
    assert row(context, web.url("/story/second-99999")).outcome is Outcome.INDEXED
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_new_address_that_goes_on_failing_is_left_alone(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web[STORY] = page("Bridge")
    ingest(web.url(STORY))
    web.redirect(STORY, "/story/never")
    clock.forward(3 * 86_400)
    ingest(web.url(STORY), force=True)
    poll(context, clock, 12)
    assert web.requests["/story/never"] <= 3
    assert web.requests[STORY] <= 5
    assert context.index.count() == 1


def test_a_redirect_turned_round_ends(context: AppContext, web: Web, ingest: Ingest, clock: Clock) -> None:
    a, b = "/news/old-harbour-bridge-story-11111", "/news/new-harbour-bridge-story-22222"
    web[a] = Answer(page("Bridge"), headers={"ETag": '"v1"'})
    ingest(web.url(a))
    web[b] = Answer(page("Bridge"), headers={"ETag": '"v9"'})
    web.redirect(a, b)
    ingest(web.url(b))
    assert ingest(web.url(a), force=True).outcome is Outcome.DUPLICATE
    web[a] = Answer(page("Bridge"), headers={"ETag": '"v1"'})
    web.redirect(b, a)
    ingest(web.url(b), force=True)
    poll(context, clock, 3)
    assert row(context, web.url(b)).outcome is Outcome.DUPLICATE
    assert row(context, web.url(a)).outcome is Outcome.INDEXED
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_page_that_was_never_read_is_asked_for_again(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web[STORY] = Answer(page("Bridge"), headers={"ETag": '"v1"'})
    ingest(web.url(STORY))
    web[STORY] = Answer(page("Bridge corrected"), headers={"ETag": '"v2"'})
    add(context, [web.url(STORY)], force=True)
    fetch(context, clock)
    for _ in range(context.settings.digest_attempts):
        context.spool.take(clock().timestamp(), 50, 1)
        clock.forward(2)
    digest(context)
    assert row(context, web.url(STORY)).reason == "breaks-reader"
    again = ingest(web.url(STORY), force=True)
    document = context.index.get([again.id])[0]
    assert document
    assert document.article.headline == "Bridge corrected"


def test_a_broker_that_refuses_is_no_fault_of_the_page(
    context: AppContext, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NoPermissionError("this user has no permissions to run XADD")

    web[STORY] = page("Bridge")
    add(context, [web.url(STORY)])
    fetch(context, clock)
    monkeypatch.setattr(context.events, "publish", refuse)
    for _ in range(context.settings.digest_attempts + 1):
        with pytest.raises(Unavailable, match="XADD"):
            digest(context)
        clock.forward(digest_module.PAUSE_S + 1)
    monkeypatch.undo()
    digest(context)
    assert row(context, web.url(STORY)).outcome is Outcome.INDEXED
    assert audit(context).problems == []


def test_a_host_that_has_just_given_its_robots_txt_is_left_in_peace(
    context: AppContext, web: Web, clock: Clock
) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 20"
    web[STORY] = page("Bridge")
    add(context, [web.url(STORY)])
    fetch(context, clock)
    assert (web.requests["/robots.txt"], web.requests[STORY]) == (1, 0)
    clock.forward(19)
    fetch(context, clock)
    assert web.requests[STORY] == 0
    clock.forward(2)
    fetch(context, clock)
    assert (web.requests["/robots.txt"], web.requests[STORY]) == (1, 1)


def test_a_short_delay_after_robots_txt_is_slept_out(context: AppContext, web: Web, clock: Clock) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 0.3"
    web[STORY] = page("Bridge")
    add(context, [web.url(STORY)])
    began = time.monotonic()
    fetch(context, clock)
    assert web.requests[STORY] == 1
    assert time.monotonic() - began >= 0.3


def test_an_address_that_has_moved_is_left_to_its_own_host(context: AppContext, web: Web, clock: Clock) -> None:
    """The sweeper may have put it back into the old host's queue."""
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


def test_an_article_that_asks_not_to_be_listed_any_more_goes(context: AppContext, web: Web, ingest: Ingest) -> None:
    web[STORY] = page("Bridge")
    found = ingest(web.url(STORY))
    web[STORY] = page("Bridge", head='<meta name="robots" content="noindex">')
    strict = setting(context, fetch_noindex=True)
    add(strict, [web.url(STORY)], force=True)
    visit_host(strict, web.origin, lambda: None)
    ended = row(context, web.url(STORY))
    assert (ended.outcome, ended.reason, ended.article_id) == (Outcome.REJECTED, "noindex", None)
    assert context.index.get([found.id]) == [None]
    assert audit(context).problems == []


def test_an_article_whose_text_vanished_stays_as_it_was(context: AppContext, web: Web, ingest: Ingest) -> None:
    """A page behind a new wall, or a reader that knows less: pictures alone do not replace a story."""
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
def test_an_article_that_the_index_lost_comes_back(
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


def test_a_later_recrawl_comes_by_its_schedule(context: AppContext, web: Web, ingest: Ingest, clock: Clock) -> None:
    web[STORY] = page("Bridge")
    ingest(web.url(STORY))
    web.redirect(STORY, "/account/login", 302)
    web["/account/login"] = "<html><body><form>Log in</form></body></html>"
    ingest(web.url(STORY), force=True)
    poll(context, clock, 2)
    ended = row(context, web.url(STORY))
    assert ended.next_crawl_at
    assert ended.next_crawl_at - clock() > timedelta(minutes=20)
