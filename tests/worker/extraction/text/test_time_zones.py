"""Zones as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.extraction import word_tables
from worker.extraction.text import time_zones

JULY, JANUARY = datetime(2026, 7, 14, 21, 30), datetime(2026, 1, 14, 21, 30)  # noqa: DTZ001


def _hours(name: str, when: datetime, home: str | None = None) -> float:
    zone = time_zones.zone_of(name, home)
    assert zone is not None, name
    return (when.replace(tzinfo=UTC) - time_zones.localize(when, zone)).total_seconds() / 3600


@pytest.mark.parametrize(
    ("name", "in_january", "in_july"),
    [
        ("ET", -5, -4),
        ("CT", -6, -5),
        ("MT", -7, -6),
        ("PT", -8, -7),
        ("EST", -5, -5),
        ("EDT", -4, -4),
        ("Eastern Time", -5, -4),
        ("Europe/Berlin", 1, 2),
        ("GMT+5:30", 5.5, 5.5),
        ("-0330", -3.5, -3.5),
        ("Z", 0, 0),
        ("JST", 9, 9),
        ("МСК", 3, 3),
    ],
)
def test_a_zone_follows_its_rule(name: str, in_january: float, in_july: float) -> None:
    assert (_hours(name, JANUARY), _hours(name, JULY)) == (in_january, in_july)


@pytest.mark.parametrize("name", ["", "XYZQ", "Nowhere/Atall", "+9900"])
def test_unknown_zones_are_none(name: str) -> None:
    assert time_zones.zone_of(name) is None


def test_the_publishers_zone_decides_ambiguous_names() -> None:
    assert _hours("CST", JULY) == -6
    assert _hours("CST", JULY, "Asia/Shanghai") == 8


@pytest.mark.parametrize(("host", "zone"), [("paper.example.jp", "Asia/Tokyo"), ("paper.com", None), ("", None)])
def test_a_country_of_one_zone_is_known_by_its_domain(host: str, zone: str | None) -> None:
    assert time_zones.country_zone(host) == zone


def test_every_zone_of_the_tables_is_known() -> None:
    tables = word_tables.load("dates")
    for name in (*tables["zones"], *tables["zone_phrases"], *tables["country_zones"].values()):
        assert time_zones.zone_of(name) is not None, name
    for name, homes in tables["local_zones"].items():
        assert all(_hours(name, JANUARY, home) == minutes / 60 for home, minutes in homes.items())
