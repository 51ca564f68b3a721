"""URLs of search pages: short, with a way back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from api.web.ui.search_state import MAX_CURSORS, MAX_PAGES, SearchState, from_request
from worker.model.query import Query
from worker.search.cursors import pack


def state_of(url: str) -> SearchState:
    """Return the state in a URL."""
    given = parse_qs(urlsplit(url).query)
    return from_request(q=given["q"][0], cursor=given.get("cursor"), skipped=given.get("skipped", [""])[0])


def test_urls_stay_short_and_lead_back() -> None:
    cursors = [pack(Query(text="x"), 2.3673956068718596, f"{n:032x}") for n in range(MAX_PAGES - 1)]
    state = SearchState(q="flood")
    for n, cursor in enumerate(cursors, start=2):
        state = state_of(state.next_page(cursor))
        assert (state.page, state.cursors[-1]) == (n, cursor)
        assert len(state.url(cursors=state.cursors, skipped=state.skipped)) < 1000
    assert state.api_url(".atom") == "/v1/search.atom?q=flood"
    for n in range(MAX_PAGES - 1, MAX_PAGES - MAX_CURSORS, -1):
        assert state.knows_previous_page
        state = state_of(state.previous_page())
        assert (state.page, state.cursors[-1]) == (n, cursors[n - 2])
    assert not state.knows_previous_page
    assert state.previous_page() == "/?q=flood"


@pytest.mark.parametrize("skipped", ["-1", "x", "²", "9" * 5000, "1e3"])
def test_invalid_skipped_count_is_ignored(skipped: str) -> None:
    assert 2 <= from_request(q="a", cursor=["c"], skipped=skipped).page <= MAX_PAGES + 2
    assert from_request(q="a", skipped=skipped).page == 1
