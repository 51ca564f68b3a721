"""Pages are turned forth and back by short addresses."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from api.web.ui.search_state import KEPT_CURSORS, MOST_PAGES, Asked, from_request
from worker.model.query import Query
from worker.search.cursors import pack


def opened(address: str) -> Asked:
    """What the page at this address asks for."""
    given = parse_qs(urlsplit(address).query)
    return from_request(q=given["q"][0], cursor=given.get("cursor"), skipped=given.get("skipped", [""])[0])


def test_addresses_stay_short_and_lead_back() -> None:
    cursors = [pack(Query(text="x"), 2.3673956068718596, f"{n:032x}") for n in range(MOST_PAGES - 1)]
    asked = Asked(q="flood")
    for n, cursor in enumerate(cursors, start=2):
        asked = opened(asked.next_page(cursor))
        assert (asked.page, asked.trail[-1]) == (n, cursor)
        assert len(asked.url(trail=asked.trail, skipped=asked.skipped)) < 1000
    assert asked.api(".atom") == "/v1/search.atom?q=flood"
    for n in range(MOST_PAGES - 1, MOST_PAGES - KEPT_CURSORS, -1):
        assert asked.knows_way_back
        asked = opened(asked.previous_page())
        assert (asked.page, asked.trail[-1]) == (n, cursors[n - 2])
    assert not asked.knows_way_back
    assert asked.previous_page() == "/?q=flood"


@pytest.mark.parametrize("skipped", ["-1", "x", "²", "9" * 5000, "1e3"])
def test_a_count_that_is_none_does_no_harm(skipped: str) -> None:
    assert 2 <= from_request(q="a", cursor=["c"], skipped=skipped).page <= MOST_PAGES + 2
    assert from_request(q="a", skipped=skipped).page == 1
