"""When a source is due, and what its history says of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.schedule import Adaptive, Cron, Every, parse, recrawl_at
from worker.discovery.source_history import SourceHistory, SourceVisit, fingerprint
from worker.errors import BadInput

HOUR, DAY = 3600.0, 86_400.0
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()  # a Tuesday


def visited(*visits: SourceVisit) -> SourceHistory:
    history = SourceHistory()
    for visit in visits:
        history = history.with_visit(visit)
    return history


def visits(every_s: float, count: int, new: int = 0, start: float = NOON, listed: int = 20) -> list[SourceVisit]:
    return [SourceVisit(at=start + n * every_s, new=new, listed=listed) for n in range(count)]


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
def test_parse(text: str, schedule: object) -> None:
    assert parse(text) == schedule


WRONG = ("", "15", "1s", "99d", "-5m", "sometimes", "adaptive", "adaptive 5m", "adaptive 6h..5m", "adaptive x..y")
WRONG += ("61 * * * *", "* * * *", "Mars/Base 0 7 * * *")


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(BadInput, match="allowed"):
        parse(text)


def test_every() -> None:
    assert Every(900).next_at(visited(SourceVisit(at=NOON)), NOON + 1) == NOON + 900
    assert (
        Every(900).next_at(visited(SourceVisit(at=NOON)), NOON + 5000) == NOON + 5000
    )  # what was missed is made up for once
    assert Every(900).next_at(SourceHistory(), NOON) == NOON + 900


def test_a_source_that_fails_is_asked_less_often() -> None:
    failures = [SourceVisit(at=NOON, failed="http-503")] * 3
    assert Every(900).next_at(visited(*failures), NOON) == NOON + 900 * 8
    assert Every(900).next_at(visited(*failures * 20), NOON) == NOON + DAY
    assert Every(5 * DAY).next_at(visited(*failures), NOON) == NOON + 5 * DAY
    assert Every(900).next_at(visited(*failures, SourceVisit(at=NOON)), NOON) == NOON + 900


def test_cron() -> None:
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
def test_a_cron_source_that_fails_is_asked_less_often(expression: str, failures: int, wait: float) -> None:
    history = visited(*[SourceVisit(at=NOON + 5, failed="http-503")] * failures)
    assert Cron(expression).next_at(history, NOON + 9) == NOON + wait


def test_cron_when_the_clocks_change() -> None:
    """02:30 does not exist in Berlin on 28 March 2027."""
    before = datetime(2027, 3, 28, 0, 30, tzinfo=UTC).timestamp()
    times = [Cron("30 2 * * *", "Europe/Berlin").next_at(visited(SourceVisit(at=before)), before)]
    assert before < times[0] <= before + 2 * DAY


def test_adaptive_follows_the_news() -> None:
    schedule = Adaptive(300, 6 * HOUR)
    assert schedule.next_at(visited(SourceVisit(at=NOON, new=50)), NOON) == NOON + 300  # the first visit says nothing
    last = NOON + 95 * 900
    hourly = visited(*[SourceVisit(at=NOON + n * 900, new=int(n % 4 == 0)) for n in range(96)])
    assert 0.7 * HOUR < schedule.next_at(hourly, last) - last < 1.4 * HOUR
    busy = visited(*visits(900, 96, new=10))
    assert schedule.next_at(busy, last) == last + 300
    quiet = visited(*visits(6 * HOUR, 20))
    assert schedule.next_at(quiet, NOON + 114 * HOUR) == NOON + 120 * HOUR


def test_adaptive_wakes_up_again() -> None:
    quiet = visits(6 * HOUR, 20)
    news = [SourceVisit(at=NOON + (120 + n) * HOUR, new=6, listed=20) for n in range(4)]
    last = NOON + 123 * HOUR
    assert Adaptive(300, 6 * HOUR).next_at(visited(*quiet, *news), last) < last + HOUR


def test_health_goes_by_the_sources_own_habits() -> None:
    daily = visits(DAY, 10, new=3)
    end = NOON + 9 * DAY
    assert SourceHistory().health(NOON) == "unknown"
    assert visited(*daily).health(end + HOUR) == "ok"
    assert visited(*daily, *visits(DAY, 2, start=end + DAY)).health(end + 1.9 * DAY) == "ok"
    assert visited(*daily, *visits(DAY, 3, start=end + DAY)).health(end + 3 * DAY) == "silent"
    weekly = visits(7 * DAY, 5, new=1)
    assert visited(*weekly).health(NOON + 38 * DAY) == "ok"
    assert visited(*weekly).health(NOON + 43 * DAY) == "silent"


def test_a_source_that_names_nothing_any_more() -> None:
    assert visited(*visits(HOUR, 3), SourceVisit(at=NOON + 4 * HOUR, listed=0)).health(NOON + 4 * HOUR) == "empty"
    assert visited(*visits(HOUR, 3, listed=0)).health(NOON + 3 * HOUR) == "ok"


def test_a_source_that_fails() -> None:
    failures = [SourceVisit(at=NOON + n, failed="timeout") for n in range(3)]
    assert visited(*failures[:2]).health(NOON) == "unknown"
    assert visited(*failures).health(NOON) == "failing"
    assert visited(*failures).failed == "timeout"
    healed = visited(*failures, SourceVisit(at=NOON + 9))
    assert (healed.health(NOON + 9), healed.failed) == ("ok", None)


def answer(at: float, fingerprint: str, etag: str | None = '"1"', last_modified: str | None = None) -> SourceVisit:
    return SourceVisit(at=at, listed=1, etag=etag, last_modified=last_modified, fingerprint=fingerprint)


def test_validators_are_sent() -> None:
    history = visited(answer(NOON, "a", '"1"', "Tue, 24 Nov 2026 12:00:00 GMT"))
    assert history.validators(NOON + 60) == ('"1"', "Tue, 24 Nov 2026 12:00:00 GMT")
    assert history.with_visit(SourceVisit(at=NOON + 60, not_modified=True)).validators(NOON + 120)[0] == '"1"'
    assert SourceHistory().validators(NOON) == (None, None)


def test_an_etag_that_lies_is_found_out_and_never_believed_again() -> None:
    history = visited(answer(NOON, "a"))
    for n in range(1, 25):
        history = history.with_visit(SourceVisit(at=NOON + n * 900, not_modified=True))
    later = NOON + 6.1 * HOUR
    assert history.validators(later) == (None, None)  # once, to find out
    history = history.with_visit(answer(later, "b"))
    assert history.unreliable_validators
    history = history.with_visit(answer(later + 60, "c", '"2"'))
    assert history.validators(later + 120) == (None, None)


def test_an_honest_etag_is_believed_after_the_check() -> None:
    later = NOON + 7 * HOUR
    same = visited(answer(NOON, "a"), answer(later, "a"))
    changed = visited(answer(NOON, "a"), answer(later, "b", '"2"'))
    without = visited(answer(NOON, "a", None), answer(later, "b", None))
    assert not (same.unreliable_validators or changed.unreliable_validators or without.unreliable_validators)
    assert same.validators(later + 60) == ('"1"', None)
    assert changed.validators(later + 60) == ('"2"', None)


def test_history_as_json() -> None:
    history = visited(*visits(HOUR, 5, new=2), answer(NOON + DAY, "a"), SourceVisit(at=NOON + 2 * DAY, failed="dns"))
    assert SourceHistory.from_dict(json.loads(json.dumps(history.as_dict()))) == history


def test_fingerprint() -> None:
    a, b = DiscoveredLink(url="https://a.example/1", title="A"), DiscoveredLink(url="https://a.example/2")
    assert fingerprint([a, b]) == fingerprint([a, b])
    assert len({fingerprint(f) for f in ([], [a], [b], [a, b], [b, a])}) == 5
    assert fingerprint([DiscoveredLink(url=a.url, title="\ud83d")])


def test_young_articles_are_fetched_again() -> None:
    ages = (HOUR, 6 * HOUR, DAY)
    assert recrawl_at(ages, NOON, None, NOON) == NOON + HOUR
    assert recrawl_at(ages, NOON, None, NOON + HOUR) == NOON + 6 * HOUR
    assert recrawl_at(ages, NOON, None, NOON + DAY) is None
    assert recrawl_at(ages, NOON, NOON - 5 * HOUR, NOON) == NOON + HOUR
    assert recrawl_at(ages, NOON, NOON - 30 * DAY, NOON) is None
    assert recrawl_at(ages, NOON, NOON + DAY, NOON) == NOON + HOUR  # dated ahead
    assert recrawl_at((), NOON, None, NOON) is None
