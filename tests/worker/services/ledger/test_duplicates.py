"""One article at several URLs: canonical links and spellings."""

from __future__ import annotations

import pytest

from tests.worker.services.conftest import (
    OTHER,
    STORY,
    Answer,
    Clock,
    Ingest,
    Web,
    check_clean,
    fetch_due,
    naming_page,
    page,
    row_of,
    work_off,
)
from worker.model.records import Outcome
from worker.services.articles import takedown
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.crawl.recrawl import recrawl
from worker.services.digest import writer
from worker.services.digest.digest import digest
from worker.services.intake.submit import add
from worker.services.ledger import lookup
from worker.services.maintenance.audit import audit


def test_a_canonical_link_within_the_site_is_followed(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/print/1"] = page("Printed", head='<link rel="canonical" href="/story/1">')
    printed = ingest(web.url("/print/1"))
    story = row_of(context, web.url("/story/1"))
    assert (printed.outcome, printed.reason, printed.article_id) == (Outcome.DUPLICATE, "canonical", story.id)
    assert story.outcome is Outcome.INDEXED
    assert web.requests["/story/1"] == 0, "the article was read from the page at hand"
    check_clean(context, 1)


@pytest.mark.parametrize("href", ["https://elsewhere.example/story", "/", "http://[::bad", "javascript:void(0)"])
def test_a_canonical_link_to_another_site_or_the_front_page_is_ignored(
    context: AppContext, web: Web, ingest: Ingest, href: str
) -> None:
    web["/story"] = page("Claimed", head=f'<link rel="canonical" href="{href}">')
    assert ingest(web.url("/story")).outcome is Outcome.INDEXED
    check_clean(context, 1)


def test_canonical_links_that_name_each_other_leave_one_article(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/x/twins"] = page("Twins", head='<link rel="canonical" href="/y/twins">')
    web["/y/twins"] = page("Twins", head='<link rel="canonical" href="/x/twins">')
    ingest(web.url("/x/twins"))
    ingest(web.url("/y/twins"), force=True)
    check_clean(context, 1)


def test_the_same_url_in_two_spellings_is_one_row(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/story"] = page("Spelt")
    first = ingest(web.url("/story"))
    second = ingest(web.url("/story").upper().replace("STORY", "story") + "?utm_campaign=x#top")
    assert first.id == second.id
    check_clean(context, 1)


def test_finished_returns_the_end_of_a_chain_of_redirects(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/1", "/2")
    web.redirect("/2", "/3")
    web["/3"] = Answer(page("End"))
    end = lookup.finished(context, ingest(web.url("/1")))
    assert end and end.url == web.url("/3")


@pytest.mark.parametrize("to", ["/", "https://other.example/story", "/login?next=x"])
def test_an_article_that_redirects_to_a_page_without_article_is_kept(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, to: str
) -> None:
    """Articles sometimes redirect for a while to a home page, another site or a login page."""
    web["/s"] = page("Kept")
    web["/"] = "<html><body>Home</body></html>"
    row = ingest(web.url("/s"))
    web.redirect("/s", to, 302)
    ingest(web.url("/s"), force=True)
    clock.forward(300)
    recrawl(context)
    work_off(context, clock)
    document = context.index.get([row.id])[0]
    assert document
    assert document.article.headline == "Kept"
    check_clean(context, 1)


def test_a_canonical_link_to_the_section_page_is_ignored(context: AppContext, web: Web, ingest: Ingest) -> None:
    for n in range(3):
        web[f"/news/{n}-of-three"] = page(f"Story {n}", head='<link rel="canonical" href="/news/">')
        assert ingest(web.url(f"/news/{n}-of-three")).outcome is Outcome.INDEXED
    check_clean(context, 3)


def test_the_page_decides_how_its_url_is_shown(context: AppContext, web: Web, ingest: Ingest) -> None:
    path = "/2026/03/04/a-story-with-a-long-name"
    web[f"{path}?amp=1"] = page("Amplified", head=f'<link rel="canonical" href="{path}">')
    row = ingest(web.url(f"{path}?amp=1"))
    document = context.index.get([row.id])[0]
    assert document
    assert document.url == web.url(path)


def test_canonical_links_that_name_each_other_in_one_batch_leave_one_article(context: AppContext, web: Web) -> None:
    web["/x/twins"] = page("Twins", head='<link rel="canonical" href="/y/twins">')
    web["/y/twins"] = page("Twins", head='<link rel="canonical" href="/x/twins">')
    add(context, [web.url("/x/twins"), web.url("/y/twins")])
    visit_host(context, web.origin, lambda: None)
    digest(context)
    result = audit(context)
    assert (result.documents, result.problems) == (1, [])


@pytest.mark.parametrize("ended", ["queued", "failed"])
def test_a_url_leads_to_its_article_during_a_recrawl(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, ended: str
) -> None:
    web[OTHER] = naming_page(STORY)
    other = ingest(web.url(OTHER))
    web.answers.pop(OTHER)
    add(context, [web.url(OTHER)], force=True)
    if ended == "failed":
        work_off(context, clock)
        assert row_of(context, web.url(OTHER)).reason == "http-404"
    assert lookup.document(context, other.id)
    assert takedown.remove(context, web.url(OTHER), block=True).documents == 1
    assert context.index.count() == 0


@pytest.mark.parametrize("had_document", [False, True])
def test_a_failed_url_gets_the_article_of_a_page_that_names_it(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, had_document: bool
) -> None:
    web[OTHER] = page("Bridge") if had_document else naming_page(STORY)
    if had_document:
        ingest(web.url(OTHER))
    assert ingest(web.url(STORY)).reason == "http-404"
    web[OTHER] = naming_page(STORY)
    assert ingest(web.url(OTHER), force=True).outcome is Outcome.DUPLICATE
    document = lookup.document(context, row_of(context, web.url(OTHER)).id)
    assert document
    assert document.id == row_of(context, web.url(STORY)).id
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_two_pages_of_one_article_in_one_batch(context: AppContext, web: Web, clock: Clock) -> None:
    web[OTHER], web[STORY] = naming_page(STORY), naming_page(STORY)
    add(context, [web.url(OTHER), web.url(STORY)])
    work_off(context, clock)
    assert row_of(context, web.url(STORY)).outcome is Outcome.INDEXED
    assert row_of(context, web.url(OTHER)).outcome is Outcome.DUPLICATE
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_an_article_stays_if_its_canonical_url_shows_a_wall_in_the_same_batch(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    """The page of the canonical URL is read first, but the other page has the article."""
    web[OTHER] = page("Bridge")
    ingest(web.url(OTHER))
    web[STORY], web[OTHER] = "<!doctype html><title>Log in</title><p>Log in.</p>", naming_page(STORY)
    add(context, [web.url(STORY)])
    fetch_due(context, clock)
    add(context, [web.url(OTHER)], force=True)
    clock.forward(1)
    fetch_due(context, clock)
    assert context.spool.depths()["waiting"] == 2
    digest(context)
    document = lookup.document(context, row_of(context, web.url(OTHER)).id)
    assert document
    assert document.id == row_of(context, web.url(STORY)).id
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_canonical_url_does_not_get_the_validators_of_another_page(
    context: AppContext, web: Web, ingest: Ingest
) -> None:
    """Validators belong to the fetched page. With them the canonical URL would seem unchanged."""
    web[OTHER] = Answer(
        naming_page(STORY), headers={"ETag": '"of-the-other"', "Last-Modified": "Tue, 24 Nov 2026 07:00:00 GMT"}
    )
    ingest(web.url(OTHER))
    there = row_of(context, web.url(STORY))
    assert there.article_id == there.id
    assert (there.etag, there.last_modified) == (None, None)


def test_two_articles_of_one_canonical_url_in_one_batch_are_merged(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    third = "/print/harbour-bridge-opens-again-12345-p"
    for path in (OTHER, third):
        web[path] = page("Bridge")
        ingest(web.url(path))
    for path in (OTHER, third):
        web[path] = naming_page(STORY)
    add(context, [web.url(OTHER), web.url(third)], force=True)
    work_off(context, clock)
    assert {row_of(context, web.url(path)).outcome for path in (OTHER, third)} == {Outcome.DUPLICATE}
    assert (context.index.count(), audit(context).problems) == (1, [])


def test_a_removed_article_does_not_return_through_a_page_that_names_it(
    context: AppContext, web: Web, ingest: Ingest
) -> None:
    web[STORY], web[OTHER] = page("Bridge"), naming_page(STORY)
    ingest(web.url(STORY))
    takedown.remove(context, web.url(STORY), block=False)
    ingest(web.url(OTHER))
    assert context.index.count() == 0


def test_a_process_that_ends_between_two_writes_loses_no_article(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    web[OTHER] = page("Bridge")
    ingest(web.url(OTHER))
    web[OTHER] = naming_page(STORY)
    add(context, [web.url(OTHER)], force=True)
    fetch_due(context, clock)
    monkeypatch.setattr(writer, "withdraw_rows", die)
    with pytest.raises(Killed):
        digest(context)
    monkeypatch.undo()
    assert context.index.count() >= 1
    clock.forward(context.settings.digest_lease_s + 1)
    work_off(context, clock)
    assert [d and d.article.headline for d in context.index.get([row_of(context, web.url(STORY)).id])] == ["Bridge"]
    assert (context.index.count(), audit(context).problems) == (1, [])
