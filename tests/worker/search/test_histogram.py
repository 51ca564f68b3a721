"""Date histograms: fitting intervals, and day counts merged into intervals."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from worker.model.query import Bucket
from worker.search.histogram import DAY_MS, first_day, fitting_interval, merge_days, millis


@pytest.mark.parametrize(
    ("days", "interval"), [(0, "day"), (62, "day"), (63, "week"), (434, "week"), (435, "month"), (9999, "year")]
)
def test_fitting_interval_depends_on_the_span(days: int, interval: str) -> None:
    assert fitting_interval(days * DAY_MS) == interval


@pytest.mark.parametrize(
    ("interval", "first"),
    [("day", "2026-11-26"), ("week", "2026-11-23"), ("month", "2026-11-01"), ("year", "2026-01-01")],
)
def test_first_day_begins_the_interval(interval: str, first: str) -> None:
    assert first_day(date(2026, 11, 26), interval) == date.fromisoformat(first)


def test_the_first_week_begins_with_the_calendar() -> None:
    assert first_day(date.min, "week") == date.min


def test_days_are_summed_in_order() -> None:
    days = {date(2026, 3, 9): 4, date(2026, 3, 2): 1, date(2026, 3, 8): 2}
    assert merge_days(days, "week") == (Bucket(value="2026-03-02", count=3), Bucket(value="2026-03-09", count=4))


def test_millis_are_rounded_down() -> None:
    assert millis(datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC)) == -1
