"""One article under several addresses: redirects, canonical links, spellings; and loops among them."""

from __future__ import annotations

import pytest

from tests.desk.conftest import Answer, Clock, Ingest, Web, page
from worker.desk import asking, auditing
from worker.desk.parts import Desk
from worker.records import Outcome, Row


def _row(desk: Desk, url: str) -> Row:
    row = asking.row(desk, asking.identify(url))
    assert row
    return row


def _check_clean(desk: Desk, documents: int) -> None:
    audit = auditing.audit(desk)
    assert (audit.problems, audit.documents) == ([], documents)


def test_a_redirect_is_a_duplicate_of_where_it_leads(desk: Desk, web: Web, ingest: Ingest) -> None:
    web.redirect("/old", "/new")
    web["/new"] = page("New address")
    old = ingest(web.url("/old"))
    new = _row(desk, web.url("/new"))
    assert (old.outcome, old.reason, old.article_id) == (Outcome.DUPLICATE, "redirect", new.id)
    assert (new.outcome, new.hops) == (Outcome.INDEXED, 1)
    document = asking.document(desk, old.id)
    assert document and document.article.headline == "New address"
    _check_clean(desk, 1)


def test_a_redirect_to_another_spelling_is_the_same_row(desk: Desk, web: Web, ingest: Ingest) -> None:
    web.redirect("/story", "/story?utm_source=home")
    web["/story?utm_source=home"] = page("Same story")
    assert ingest(web.url("/story")).outcome is Outcome.INDEXED
    _check_clean(desk, 1)


def test_a_page_that_redirects_to_itself_fails(web: Web, ingest: Ingest) -> None:
    web.redirect("/loop", "/loop")
    row = ingest(web.url("/loop"))
    assert (row.outcome, row.reason) == (Outcome.FAILED, "redirect-loop")


def test_two_pages_that_redirect_to_each_other_fail(desk: Desk, web: Web, ingest: Ingest) -> None:
    web.redirect("/a", "/b")
    web.redirect("/b", "/a")
    first = ingest(web.url("/a"))
    second = _row(desk, web.url("/b"))
    assert first.outcome is Outcome.DUPLICATE
    assert (second.outcome, second.reason) == (Outcome.FAILED, "redirect-loop")
    _check_clean(desk, 0)


def test_an_endless_chain_of_redirects_fails(desk: Desk, web: Web, ingest: Ingest) -> None:
    for n in range(30):
        web.redirect(f"/{n}", f"/{n + 1}")
    ingest(web.url("/0"))
    last = _row(desk, web.url(f"/{desk.settings.fetch_max_redirects}"))
    assert (last.outcome, last.reason) == (Outcome.FAILED, "too-many-redirects")


@pytest.mark.parametrize("location", ["mailto:desk@example.org", "javascript:alert(1)"])
def test_a_redirect_to_what_is_no_web_address_fails(web: Web, ingest: Ingest, location: str) -> None:
    web.redirect("/odd", location)
    assert ingest(web.url("/odd")).outcome is Outcome.FAILED


def test_a_redirect_that_turns_round_moves_the_article(desk: Desk, web: Web, ingest: Ingest, clock: Clock) -> None:
    web.redirect("/a", "/b")
    web["/b"] = page("Wandering story")
    assert ingest(web.url("/a")).outcome is Outcome.DUPLICATE
    web.redirect("/b", "/a")
    web["/a"] = page("Wandering story")
    clock.forward(5)
    assert ingest(web.url("/b"), force=True).outcome is Outcome.DUPLICATE
    assert _row(desk, web.url("/a")).outcome is Outcome.INDEXED
    _check_clean(desk, 1)


def test_a_canonical_link_of_the_same_site_is_believed(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/print/1"] = page("Printed", head='<link rel="canonical" href="/story/1">')
    printed = ingest(web.url("/print/1"))
    story = _row(desk, web.url("/story/1"))
    assert (printed.outcome, printed.reason, printed.article_id) == (Outcome.DUPLICATE, "canonical", story.id)
    assert story.outcome is Outcome.INDEXED
    assert web.requests["/story/1"] == 0, "the article was read from the page at hand"
    _check_clean(desk, 1)


@pytest.mark.parametrize("href", ["https://elsewhere.example/story", "/", "http://[::bad", "javascript:void(0)"])
def test_a_canonical_link_elsewhere_or_to_the_front_page_is_not(
    desk: Desk, web: Web, ingest: Ingest, href: str
) -> None:
    web["/story"] = page("Claimed", head=f'<link rel="canonical" href="{href}">')
    assert ingest(web.url("/story")).outcome is Outcome.INDEXED
    _check_clean(desk, 1)


def test_canonical_links_that_name_each_other_leave_one_article(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/x"] = page("Twins", head='<link rel="canonical" href="/y">')
    web["/y"] = page("Twins", head='<link rel="canonical" href="/x">')
    ingest(web.url("/x"))
    ingest(web.url("/y"), force=True)
    _check_clean(desk, 1)


def test_the_same_url_in_two_spellings_is_one_row(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/story"] = page("Spelt")
    first = ingest(web.url("/story"))
    second = ingest(web.url("/story").upper().replace("STORY", "story") + "?utm_campaign=x#top")
    assert first.id == second.id
    _check_clean(desk, 1)


def test_where_a_row_ends_is_followed(desk: Desk, web: Web, ingest: Ingest) -> None:
    web.redirect("/1", "/2")
    web.redirect("/2", "/3")
    web["/3"] = Answer(page("End"))
    end = asking.settled(desk, ingest(web.url("/1")))
    assert end and end.url == web.url("/3")
