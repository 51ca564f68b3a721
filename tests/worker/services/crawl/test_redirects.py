"""Redirects: between rows, hosts and articles, in chains and in loops."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.events import published_types
from tests.worker.services.conftest import (
    STORY,
    Answer,
    Clock,
    Ingest,
    Web,
    check_clean,
    page,
    row_of,
    work_off,
)
from worker.model.records import Outcome, State
from worker.services.articles.takedown import remove, unblock
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.crawl.recrawl import recrawl
from worker.services.intake.submit import add
from worker.services.ledger import lookup
from worker.services.maintenance.audit import audit


def test_a_redirect_to_another_scheme_moves_the_row_to_that_host(context: AppContext, web: Web) -> None:
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


def test_a_login_page_instead_of_an_article_is_not_fetched_forever(
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
    assert row_of(context, web.url(STORY)).reason == "redirects-away"
    assert context.index.count() == 1


def poll(context: AppContext, clock: Clock, rounds: int) -> None:
    for _ in range(rounds):
        clock.forward(300)
        recrawl(context)
        work_off(context, clock, 2)


def test_a_new_url_that_failed_earlier_is_tried_again(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web[STORY] = page("Bridge")
    web["/story/second-99999"] = Answer(status=503)
    ingest(web.url(STORY))
    clock.forward(10)
    for _ in range(3):
        ingest(web.url("/story/second-99999"))
        clock.forward(100)
    assert row_of(context, web.url("/story/second-99999")).outcome is Outcome.FAILED
    web["/story/second-99999"] = page("Bridge moved")
    web.redirect(STORY, "/story/second-99999")
    ingest(web.url(STORY), force=True)
    poll(context, clock, 4)
    assert row_of(context, web.url(STORY)).outcome is Outcome.DUPLICATE
    assert row_of(context, web.url("/story/second-99999")).outcome is Outcome.INDEXED
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_new_url_that_always_fails_is_not_fetched_forever(
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


def test_a_reversed_redirect_ends(context: AppContext, web: Web, ingest: Ingest, clock: Clock) -> None:
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
    assert row_of(context, web.url(b)).outcome is Outcome.DUPLICATE
    assert row_of(context, web.url(a)).outcome is Outcome.INDEXED
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_later_recrawl_follows_its_schedule(context: AppContext, web: Web, ingest: Ingest, clock: Clock) -> None:
    web[STORY] = page("Bridge")
    ingest(web.url(STORY))
    web.redirect(STORY, "/account/login", 302)
    web["/account/login"] = "<html><body><form>Log in</form></body></html>"
    ingest(web.url(STORY), force=True)
    poll(context, clock, 2)
    ended = row_of(context, web.url(STORY))
    assert ended.next_crawl_at
    assert ended.next_crawl_at - clock() > timedelta(minutes=20)


def test_a_redirect_is_a_duplicate_of_its_target(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/old", "/new")
    web["/new"] = page("New address")
    old = ingest(web.url("/old"))
    new = row_of(context, web.url("/new"))
    assert (old.outcome, old.reason, old.article_id) == (Outcome.DUPLICATE, "redirect", new.id)
    assert (new.outcome, new.hops) == (Outcome.INDEXED, 1)
    document = lookup.document(context, old.id)
    assert document and document.article.headline == "New address"
    check_clean(context, 1)


def test_a_redirect_to_another_spelling_is_the_same_row(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/story", "/story?utm_source=home")
    web["/story?utm_source=home"] = page("Same story")
    assert ingest(web.url("/story")).outcome is Outcome.INDEXED
    check_clean(context, 1)


def test_a_page_that_redirects_to_itself_fails(web: Web, ingest: Ingest) -> None:
    web.redirect("/loop", "/loop")
    row = ingest(web.url("/loop"))
    assert (row.outcome, row.reason) == (Outcome.FAILED, "redirect-loop")


def test_two_pages_that_redirect_to_each_other_fail(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/a", "/b")
    web.redirect("/b", "/a")
    first = ingest(web.url("/a"))
    second = row_of(context, web.url("/b"))
    assert first.outcome is Outcome.DUPLICATE
    assert (second.outcome, second.reason) == (Outcome.FAILED, "redirect-loop")
    check_clean(context, 0)


def test_an_endless_chain_of_redirects_fails(context: AppContext, web: Web, ingest: Ingest) -> None:
    for n in range(30):
        web.redirect(f"/{n}", f"/{n + 1}")
    ingest(web.url("/0"))
    last = row_of(context, web.url(f"/{context.settings.fetch_max_redirects}"))
    assert (last.outcome, last.reason) == (Outcome.FAILED, "too-many-redirects")


@pytest.mark.parametrize("location", ["mailto:news@example.org", "javascript:alert(1)"])
def test_a_redirect_to_another_scheme_than_http_fails(web: Web, ingest: Ingest, location: str) -> None:
    web.redirect("/odd", location)
    assert ingest(web.url("/odd")).outcome is Outcome.FAILED


def test_a_reversed_redirect_moves_the_article(context: AppContext, web: Web, ingest: Ingest, clock: Clock) -> None:
    web.redirect("/a", "/b")
    web["/b"] = page("Wandering story")
    assert ingest(web.url("/a")).outcome is Outcome.DUPLICATE
    web.redirect("/b", "/a")
    web["/a"] = page("Wandering story")
    clock.forward(5)
    assert ingest(web.url("/b"), force=True).reason == "moving", "until the new address has the article"
    assert row_of(context, web.url("/a")).outcome is Outcome.INDEXED
    clock.forward(300)
    assert recrawl(context) == 1
    work_off(context, clock)
    assert row_of(context, web.url("/b")).outcome is Outcome.DUPLICATE
    check_clean(context, 1)


def test_a_redirect_brings_a_removed_article_back_by_force(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/old", "/new")
    web["/new"] = page("The bridge is open again")
    first = ingest(web.url("/old"))
    remove(context, first.id, block=True)
    unblock(context, first.id)
    again = ingest(web.url("/old"), force=True)
    assert again.outcome is Outcome.DUPLICATE
    found = lookup.document(context, again.id)
    assert found
    assert found.id == again.article_id
