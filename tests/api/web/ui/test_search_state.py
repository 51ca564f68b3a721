"""Pages are turned forth and back by short addresses."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from api.web.ui.search_state import MAX_CURSORS, MAX_PAGES, SearchState, from_request
from worker.model.query import Query
from worker.search.cursors import pack


def opened(address: str) -> SearchState:
    """What the page at this address asks for."""
    given = parse_qs(urlsplit(address).query)
    return from_request(q=given["q"][0], cursor=given.get("cursor"), skipped=given.get("skipped", [""])[0])


def test_addresses_stay_short_and_lead_back() -> None:
    cursors = [pack(Query(text="x"), 2.3673956068718596, f"{n:032x}") for n in range(MAX_PAGES - 1)]
    asked = SearchState(q="flood")
    for n, cursor in enumerate(cursors, start=2):
        asked = opened(asked.next_page(cursor))
        assert (asked.page, asked.cursors[-1]) == (n, cursor)
        assert len(asked.url(cursors=asked.cursors, skipped=asked.skipped)) < 1000
    assert asked.api_url(".atom") == "/v1/search.atom?q=flood"
    for n in range(MAX_PAGES - 1, MAX_PAGES - MAX_CURSORS, -1):
        assert asked.knows_previous_page
        asked = opened(asked.previous_page())
        assert (asked.page, asked.cursors[-1]) == (n, cursors[n - 2])
    assert not asked.knows_previous_page
    assert asked.previous_page() == "/?q=flood"


@pytest.mark.parametrize("skipped", ["-1", "x", "²", "9" * 5000, "1e3"])
def test_a_count_that_is_none_does_no_harm(skipped: str) -> None:
    assert 2 <= from_request(q="a", cursor=["c"], skipped=skipped).page <= MAX_PAGES + 2
    assert from_request(q="a", skipped=skipped).page == 1
