"""The columns of the histogram: their intervals and links, also at both ends of the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from api.web.ui.histogram import HEIGHT, MAX_COLUMNS, WIDTH, histogram
from api.web.ui.search_state import SearchState
from worker.model.query import Bucket


def _columns(interval: str, **counts: int) -> list[tuple[str, str, int]]:
    buckets = [Bucket(value=day.removeprefix("d").replace("_", "-"), count=n) for day, n in counts.items()]
    found = histogram(SearchState(), buckets, interval)
    assert found
    return [(c.since, c.until, c.count) for c in found.columns]


def test_intervals_without_articles_have_a_column() -> None:
    assert _columns("day", d2026_02_27=3, d2026_03_01=1) == [
        ("2026-02-27", "2026-02-28", 3),
        ("2026-02-28", "2026-03-01", 0),
        ("2026-03-01", "2026-03-02", 1),
    ]


def test_weeks_begin_on_monday() -> None:
    weeks = _columns("week", d2025_12_29=1, d2026_01_12=1)
    assert [since for since, _, _ in weeks] == ["2025-12-29", "2026-01-05", "2026-01-12"]
    assert all(date.fromisoformat(since).weekday() == 0 for since, _, _ in weeks)


@pytest.mark.parametrize(
    ("interval", "day", "until"),
    [
        ("month", "2026-12-01", "2027-01-01"),
        ("year", "2026-01-01", "2027-01-01"),
        ("day", "9999-12-31", ""),
        ("week", "9999-12-27", ""),
        ("month", "9999-12-01", ""),
        ("year", "9999-01-01", ""),
        ("year", "0001-01-01", "0002-01-01"),
        ("week", "0001-01-01", "0001-01-08"),
    ],
)
def test_column_links_to_its_interval(interval: str, day: str, until: str) -> None:
    found = histogram(SearchState(q="flood", cursors=("c",)), [Bucket(value=day, count=1)], interval)
    assert found
    (column,) = found.columns
    assert (column.since, column.until) == (day, until)
    assert column.url == f"/?q=flood&since={day}" + (f"&until={until}" if until else "")


def test_long_spans_have_columns_only_for_years_with_articles() -> None:
    found = histogram(SearchState(), [Bucket(value=f"{y:04}-01-01", count=y) for y in (1, 1911, 2026)], "year")
    assert found
    assert len(found.columns) == 3 < MAX_COLUMNS
    assert all(c.x >= 0 and c.x + c.width <= WIDTH + 1 and 0 < c.height <= HEIGHT for c in found.columns)
    assert (found.first, found.last) == ("1", "2026")


def test_articles_without_dates_have_no_histogram() -> None:
    assert histogram(SearchState(), [], "day") is None
