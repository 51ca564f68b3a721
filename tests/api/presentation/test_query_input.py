"""Parsing of dates and spans."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from api.presentation.query_input import parse_date
from worker.errors import BadInput


@pytest.mark.parametrize(
    ("span", "begins"),
    [("12h", "2026-11-23T21:00"), ("1d", "2026-11-23T00:00"), ("2w", "2026-11-10T00:00"), (" 0d ", "2026-11-24T00:00")],
)
def test_a_span_is_counted_from_the_last_full_hour_or_midnight(span: str, begins: str) -> None:
    now = datetime(2026, 11, 24, 10, 30, 5, tzinfo=timezone(timedelta(hours=1)))
    assert parse_date(span, now) == datetime.fromisoformat(f"{begins}+00:00")


@pytest.mark.parametrize("text", ["100000w", "7 days", "7m", "-7d"])
def test_invalid_span(text: str) -> None:
    with pytest.raises(BadInput):
        parse_date(text)
