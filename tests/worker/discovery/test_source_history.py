"""Tests of the history of a source: health, validators, fingerprint."""

from __future__ import annotations

import json

from tests.support.source_visits import DAY, HOUR, NOON, visited, visits
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.source_history import SourceHistory, SourceVisit, fingerprint


def test_silence_is_compared_with_earlier_silences() -> None:
    daily = visits(DAY, 10, new=3)
    end = NOON + 9 * DAY
    assert SourceHistory().health(NOON) == "unknown"
    assert visited(*daily).health(end + HOUR) == "ok"
    assert visited(*daily, *visits(DAY, 2, start=end + DAY)).health(end + 1.9 * DAY) == "ok"
    assert visited(*daily, *visits(DAY, 3, start=end + DAY)).health(end + 3 * DAY) == "silent"
    weekly = visits(7 * DAY, 5, new=1)
    assert visited(*weekly).health(NOON + 38 * DAY) == "ok"
    assert visited(*weekly).health(NOON + 43 * DAY) == "silent"


def test_source_that_lists_nothing_is_empty() -> None:
    assert visited(*visits(HOUR, 3), SourceVisit(at=NOON + 4 * HOUR, listed=0)).health(NOON + 4 * HOUR) == "empty"
    assert visited(*visits(HOUR, 3, listed=0)).health(NOON + 3 * HOUR) == "ok"


def test_source_is_failing_after_three_failures() -> None:
    failures = [SourceVisit(at=NOON + n, failed="timeout") for n in range(3)]
    assert visited(*failures[:2]).health(NOON) == "unknown"
    assert visited(*failures).health(NOON) == "failing"
    assert visited(*failures).failed == "timeout"
    recovered = visited(*failures, SourceVisit(at=NOON + 9))
    assert (recovered.health(NOON + 9), recovered.failed) == ("ok", None)


def full_visit(at: float, fingerprint: str, etag: str | None = '"1"', last_modified: str | None = None) -> SourceVisit:
    return SourceVisit(at=at, listed=1, etag=etag, last_modified=last_modified, fingerprint=fingerprint)


def test_validators_are_sent() -> None:
    history = visited(full_visit(NOON, "a", '"1"', "Tue, 24 Nov 2026 12:00:00 GMT"))
    assert history.validators(NOON + 60) == ('"1"', "Tue, 24 Nov 2026 12:00:00 GMT")
    assert history.with_visit(SourceVisit(at=NOON + 60, not_modified=True)).validators(NOON + 120)[0] == '"1"'
    assert SourceHistory().validators(NOON) == (None, None)


def test_unchanged_etag_of_changed_content_is_never_sent_again() -> None:
    history = visited(full_visit(NOON, "a"))
    for n in range(1, 25):
        history = history.with_visit(SourceVisit(at=NOON + n * 900, not_modified=True))
    later = NOON + 6.1 * HOUR
    assert history.validators(later) == (None, None)  # a full response is requested
    history = history.with_visit(full_visit(later, "b"))
    assert history.unreliable_validators
    history = history.with_visit(full_visit(later + 60, "c", '"2"'))
    assert history.validators(later + 120) == (None, None)


def test_reliable_etag_is_sent_after_the_check() -> None:
    later = NOON + 7 * HOUR
    same = visited(full_visit(NOON, "a"), full_visit(later, "a"))
    changed = visited(full_visit(NOON, "a"), full_visit(later, "b", '"2"'))
    without = visited(full_visit(NOON, "a", None), full_visit(later, "b", None))
    assert not (same.unreliable_validators or changed.unreliable_validators or without.unreliable_validators)
    assert same.validators(later + 60) == ('"1"', None)
    assert changed.validators(later + 60) == ('"2"', None)


def test_history_survives_json() -> None:
    history = visited(
        *visits(HOUR, 5, new=2), full_visit(NOON + DAY, "a"), SourceVisit(at=NOON + 2 * DAY, failed="dns")
    )
    assert SourceHistory.from_dict(json.loads(json.dumps(history.as_dict()))) == history


def test_fingerprint_depends_on_links_and_their_order() -> None:
    a, b = DiscoveredLink(url="https://a.example/1", title="A"), DiscoveredLink(url="https://a.example/2")
    assert fingerprint([a, b]) == fingerprint([a, b])
    assert len({fingerprint(links) for links in ([], [a], [b], [a, b], [b, a])}) == 5
    assert fingerprint([DiscoveredLink(url=a.url, title="\ud83d")])


def test_fields_of_other_versions_are_ignored() -> None:
    assert SourceHistory.from_dict({"visits": 3, "unknown": True}) == SourceHistory(visits=3)
    assert SourceHistory.from_dict({"lies": True}) == SourceHistory(unreliable_validators=True)
