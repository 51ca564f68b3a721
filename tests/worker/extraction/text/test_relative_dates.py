"""Stamps that count back from the time of the fetch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.extraction import word_tables
from worker.extraction.text.relative_dates import find_relative

NOW = datetime(2026, 11, 24, 21, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("3 hours ago", 180),
        ("vor 3 Stunden", 180),
        ("il y a 3 heures", 180),
        ("hace 5 minutos", 5),
        ("3시간 전", 180),
        ("5分钟前", 5),
        ("5 минут назад", 5),
        ("2 dager siden", 2880),
        ("just now", 0),
        ("Yesterday", 1440),
        ("heute, 14:30 Uhr", 0),
    ],
)
def test_stamps_count_back(text: str, minutes: int) -> None:
    found = find_relative(text, NOW)
    assert found is not None
    assert found[0] == NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "3 hours", "long ago", "a man of 40 days", "900 weeks ago"])
def test_other_texts_are_none(text: str) -> None:
    assert find_relative(text, NOW) is None


def test_every_unit_and_word_is_read() -> None:
    table = word_tables.load("dates")["relative"]
    for minutes, words in table["units"].items():
        for unit in words:
            for ago in ("ago", "vor"):
                text = f"vor 3 {unit}" if ago == "vor" else f"3 {unit} ago"
                found = find_relative(text, NOW)
                assert found is not None, text
                assert found[0] == NOW - timedelta(minutes=3 * int(minutes)), text
    for word in table["ago"]:
        assert find_relative(f"3 h {word}", NOW), word
    for word in (*table["today"], *table["yesterday"], *table["now"]):
        assert find_relative(word, NOW), word
