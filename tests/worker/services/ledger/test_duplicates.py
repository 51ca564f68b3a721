"""One article under several addresses: redirects, canonical links, spellings; and loops among them."""

from __future__ import annotations

import pytest

from tests.worker.services.conftest import Answer, Clock, Ingest, Web, page, work_off
from worker.model.records import Outcome, Row
from worker.services.articles.takedown import remove, unblock
from worker.services.context import AppContext
from worker.services.crawl.recrawl import recrawl
from worker.services.ledger import lookup
from worker.services.maintenance import audit as auditing


def _row(context: AppContext, url: str) -> Row:
    row = lookup.row(context, lookup.identify(url))
    assert row
    return row


def _check_clean(context: AppContext, documents: int) -> None:
    audit = auditing.audit(context)
    assert (audit.problems, audit.documents) == ([], documents)


def test_a_redirect_is_a_duplicate_of_where_it_leads(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/old", "/new")
    web["/new"] = page("New address")
    old = ingest(web.url("/old"))
    new = _row(context, web.url("/new"))
    assert (old.outcome, old.reason, old.article_id) == (Outcome.DUPLICATE, "redirect", new.id)
    assert (new.outcome, new.hops) == (Outcome.INDEXED, 1)
    document = lookup.document(context, old.id)
    assert document and document.article.headline == "New address"
    _check_clean(context, 1)


def test_a_redirect_to_another_spelling_is_the_same_row(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/story", "/story?utm_source=home")
    web["/story?utm_source=home"] = page("Same story")
    assert ingest(web.url("/story")).outcome is Outcome.INDEXED
    _check_clean(context, 1)


def test_a_page_that_redirects_to_itself_fails(web: Web, ingest: Ingest) -> None:
    web.redirect("/loop", "/loop")
    row = ingest(web.url("/loop"))
    assert (row.outcome, row.reason) == (Outcome.FAILED, "redirect-loop")


def test_two_pages_that_redirect_to_each_other_fail(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/a", "/b")
    web.redirect("/b", "/a")
    first = ingest(web.url("/a"))
    second = _row(context, web.url("/b"))
    assert first.outcome is Outcome.DUPLICATE
    assert (second.outcome, second.reason) == (Outcome.FAILED, "redirect-loop")
    _check_clean(context, 0)


def test_an_endless_chain_of_redirects_fails(context: AppContext, web: Web, ingest: Ingest) -> None:
    for n in range(30):
        web.redirect(f"/{n}", f"/{n + 1}")
    ingest(web.url("/0"))
    last = _row(context, web.url(f"/{context.settings.fetch_max_redirects}"))
    assert (last.outcome, last.reason) == (Outcome.FAILED, "too-many-redirects")


@pytest.mark.parametrize("location", ["mailto:news@example.org", "javascript:alert(1)"])
def test_a_redirect_to_what_is_no_web_address_fails(web: Web, ingest: Ingest, location: str) -> None:
    web.redirect("/odd", location)
    assert ingest(web.url("/odd")).outcome is Outcome.FAILED


def test_a_redirect_that_turns_round_moves_the_article(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock
) -> None:
    web.redirect("/a", "/b")
    web["/b"] = page("Wandering story")
    assert ingest(web.url("/a")).outcome is Outcome.DUPLICATE
    web.redirect("/b", "/a")
    web["/a"] = page("Wandering story")
    clock.forward(5)
    assert ingest(web.url("/b"), force=True).reason == "moving", "until the new address has the article"
    assert _row(context, web.url("/a")).outcome is Outcome.INDEXED
    clock.forward(300)
    assert recrawl(context) == 1
    work_off(context, clock)
    assert _row(context, web.url("/b")).outcome is Outcome.DUPLICATE
    _check_clean(context, 1)


def test_a_canonical_link_of_the_same_site_is_believed(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/print/1"] = page("Printed", head='<link rel="canonical" href="/story/1">')
    printed = ingest(web.url("/print/1"))
    story = _row(context, web.url("/story/1"))
    assert (printed.outcome, printed.reason, printed.article_id) == (Outcome.DUPLICATE, "canonical", story.id)
    assert story.outcome is Outcome.INDEXED
    assert web.requests["/story/1"] == 0, "the article was read from the page at hand"
    _check_clean(context, 1)


@pytest.mark.parametrize("href", ["https://elsewhere.example/story", "/", "http://[::bad", "javascript:void(0)"])
def test_a_canonical_link_elsewhere_or_to_the_front_page_is_not(
    context: AppContext, web: Web, ingest: Ingest, href: str
) -> None:
    web["/story"] = page("Claimed", head=f'<link rel="canonical" href="{href}">')
    assert ingest(web.url("/story")).outcome is Outcome.INDEXED
    _check_clean(context, 1)


def test_canonical_links_that_name_each_other_leave_one_article(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/x/twins"] = page("Twins", head='<link rel="canonical" href="/y/twins">')
    web["/y/twins"] = page("Twins", head='<link rel="canonical" href="/x/twins">')
    ingest(web.url("/x/twins"))
    ingest(web.url("/y/twins"), force=True)
    _check_clean(context, 1)


def test_the_same_url_in_two_spellings_is_one_row(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/story"] = page("Spelt")
    first = ingest(web.url("/story"))
    second = ingest(web.url("/story").upper().replace("STORY", "story") + "?utm_campaign=x#top")
    assert first.id == second.id
    _check_clean(context, 1)


def test_where_a_row_ends_is_followed(context: AppContext, web: Web, ingest: Ingest) -> None:
    web.redirect("/1", "/2")
    web.redirect("/2", "/3")
    web["/3"] = Answer(page("End"))
    end = lookup.finished(context, ingest(web.url("/1")))
    assert end and end.url == web.url("/3")


@pytest.mark.parametrize("to", ["/", "https://other.example/story", "/login?next=x"])
def test_a_story_that_leads_to_no_story_is_kept(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, to: str
) -> None:
    """Front pages, other sites, a login wall: they are where redirects of good articles lead on a bad day."""
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
    _check_clean(context, 1)


def test_a_template_that_names_its_section_as_canonical_swallows_nothing(
    context: AppContext, web: Web, ingest: Ingest
) -> None:
    for n in range(3):
        web[f"/news/{n}-of-three"] = page(f"Story {n}", head='<link rel="canonical" href="/news/">')
        assert ingest(web.url(f"/news/{n}-of-three")).outcome is Outcome.INDEXED
    _check_clean(context, 3)


def test_the_pages_own_spelling_of_its_address_is_shown(context: AppContext, web: Web, ingest: Ingest) -> None:
    path = "/2026/03/04/a-story-with-a-long-name"
    web[f"{path}?amp=1"] = page("Amplified", head=f'<link rel="canonical" href="{path}">')
    row = ingest(web.url(f"{path}?amp=1"))
    document = context.index.get([row.id])[0]
    assert document
    assert document.url == web.url(path)


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
