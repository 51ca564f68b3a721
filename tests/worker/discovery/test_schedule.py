"""Tests of the times at which schedules let sources be visited, and articles be fetched again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.source_visits import DAY, HOUR, NOON, visited, visits
from worker.discovery.schedule import Adaptive, Cron, Every, parse, recrawl_at
from worker.discovery.source_history import SourceHistory, SourceVisit
from worker.errors import BadInput


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("15m", Every(900)),
        ("1.5h", Every(5400)),
        ("adaptive 5m..6h", Adaptive(300, 21_600)),
        ("*/15 6-22 * * 1-5", Cron("*/15 6-22 * * 1-5")),
        ("Europe/Berlin 0 7 * * *", Cron("0 7 * * *", "Europe/Berlin")),
    ],
)
def test_schedule_is_parsed(text: str, schedule: object) -> None:
    assert parse(text) == schedule


INVALID: tuple[str, ...] = (
    "",
    "15",
    "1s",
    "99d",
    "-5m",
    "sometimes",
    "adaptive",
    "adaptive 5m",
    "adaptive 6h..5m",
    "adaptive x..y",
)
INVALID += ("61 * * * *", "* * * *", "Mars/Base 0 7 * * *")


@pytest.mark.parametrize("text", INVALID)
def test_invalid_schedule_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput, match="allowed"):
        parse(text)


def test_interval_and_one_visit_for_all_missed_ones() -> None:
    assert Every(900).next_at(visited(SourceVisit(at=NOON)), NOON + 1) == NOON + 900
    assert Every(900).next_at(visited(SourceVisit(at=NOON)), NOON + 5000) == NOON + 5000
    assert Every(900).next_at(SourceHistory(), NOON) == NOON + 900


def test_failures_double_the_interval() -> None:
    failures = [SourceVisit(at=NOON, failed="http-503")] * 3
    assert Every(900).next_at(visited(*failures), NOON) == NOON + 900 * 8
    assert Every(900).next_at(visited(*failures * 20), NOON) == NOON + DAY
    assert Every(5 * DAY).next_at(visited(*failures), NOON) == NOON + 5 * DAY
    assert Every(900).next_at(visited(*failures, SourceVisit(at=NOON)), NOON) == NOON + 900


def test_cron_times() -> None:
    at_seven = Cron("0 7 * * *", "Europe/Berlin")
    assert at_seven.next_at(visited(SourceVisit(at=NOON)), NOON) == datetime(2026, 11, 25, 6, tzinfo=UTC).timestamp()
    assert Cron("*/15 * * * *").next_at(visited(SourceVisit(at=NOON)), NOON + 5) == NOON + 900
    assert Cron("*/15 * * * *").next_at(visited(SourceVisit(at=NOON)), NOON + 5000) == NOON + 5400


@pytest.mark.parametrize(
    ("expression", "failures", "wait"),
    [
        ("* * * * *", 1, 120),
        ("* * * * *", 4, 960),
        ("* * * * *", 20, DAY),
        ("0 * * * *", 2, 4 * HOUR),
        ("0 12 * * *", 1, DAY),
        ("0 12 * * *", 9, DAY),
        ("0 12 * * 2", 9, 7 * DAY),
    ],
)
def test_failures_skip_cron_times(expression: str, failures: int, wait: float) -> None:
    history = visited(*[SourceVisit(at=NOON + 5, failed="http-503")] * failures)
    assert Cron(expression).next_at(history, NOON + 9) == NOON + wait


def test_cron_at_a_clock_change() -> None:
    """02:30 does not exist in Berlin on 28 March 2027."""
    before = datetime(2027, 3, 28, 0, 30, tzinfo=UTC).timestamp()
    times = [Cron("30 2 * * *", "Europe/Berlin").next_at(visited(SourceVisit(at=before)), before)]
    assert before < times[0] <= before + 2 * DAY


def test_adaptive_interval_follows_the_rate() -> None:
    schedule = Adaptive(300, 6 * HOUR)
    assert schedule.next_at(visited(SourceVisit(at=NOON, new=50)), NOON) == NOON + 300  # the first visit does not count
    last = NOON + 95 * 900
    hourly = visited(*[SourceVisit(at=NOON + n * 900, new=int(n % 4 == 0)) for n in range(96)])
    assert 0.7 * HOUR < schedule.next_at(hourly, last) - last < 1.4 * HOUR
    busy = visited(*visits(900, 96, new=10))
    assert schedule.next_at(busy, last) == last + 300
    quiet = visited(*visits(6 * HOUR, 20))
    assert schedule.next_at(quiet, NOON + 114 * HOUR) == NOON + 120 * HOUR


def test_adaptive_interval_shortens_after_news() -> None:
    quiet = visits(6 * HOUR, 20)
    news = [SourceVisit(at=NOON + (120 + n) * HOUR, new=6, listed=20) for n in range(4)]
    last = NOON + 123 * HOUR
    assert Adaptive(300, 6 * HOUR).next_at(visited(*quiet, *news), last) < last + HOUR


def test_recrawl_ages() -> None:
    ages = (HOUR, 6 * HOUR, DAY)
    assert recrawl_at(ages, NOON, None, NOON) == NOON + HOUR
    assert recrawl_at(ages, NOON, None, NOON + HOUR) == NOON + 6 * HOUR
    assert recrawl_at(ages, NOON, None, NOON + DAY) is None
    assert recrawl_at(ages, NOON, NOON - 5 * HOUR, NOON) == NOON + HOUR
    assert recrawl_at(ages, NOON, NOON - 30 * DAY, NOON) is None
    assert recrawl_at(ages, NOON, NOON + DAY, NOON) == NOON + HOUR  # a publication date in the future
    assert recrawl_at((), NOON, None, NOON) is None
