"""Times of day."""

from __future__ import annotations

import pytest

from worker.extraction import word_tables
from worker.extraction.text.clock_parser import nearest_clock


@pytest.mark.parametrize(
    ("text", "hour", "minute", "zone"),
    [
        ("9:15 p. m.", 21, 15, None),
        ("9:15\u202fPM EDT", 21, 15, "EDT"),
        ("12:05 a.m.", 0, 5, None),
        ("12:05 pm", 12, 5, None),
        ("21.15 WIB", 21, 15, "WIB"),
        ("21h15", 21, 15, None),
        ("21 Uhr", 21, 0, None),
        ("21:15 Uhr MEZ", 21, 15, "MEZ"),
        ("午後9時15分", 21, 15, None),
        ("오후 9시 15분", 21, 15, None),
        ("晚上9点", 21, 0, None),
        ("晚上12:10", 0, 10, None),
        ("9:15 вечера", 21, 15, None),
        ("2:15 ночи", 2, 15, None),
        ("9:15 CH", 21, 15, None),
        ("9:15 μ.μ.", 21, 15, None),
        ("9:15 ب.ظ", 21, 15, None),
        ("9:15 مساءً", 21, 15, None),
        ("रात 9:15", 21, 15, None),
        ("0405 GMT", 4, 5, "GMT"),
        ("9 p.m. Eastern Time", 21, 0, "Eastern Time"),
        ("21:15 น.", 21, 15, None),
        ("09:15-10:30", 9, 15, None),
        ("24:00", 24, 0, None),
    ],
)
def test_times_of_day(text: str, hour: int, minute: int, zone: str | None) -> None:
    clock = nearest_clock(text, 0, 0)
    assert clock is not None
    assert (clock.hour, clock.minute, clock.zone) == (hour, minute, zone)


@pytest.mark.parametrize("text", ["", "9", "25:10", "9:75", "24:30", "page 12 of 15"])
def test_other_texts_hold_none(text: str) -> None:
    assert nearest_clock(text, 0, 0) is None


def test_every_half_of_the_day_is_read() -> None:
    hours = {"am": (9, 0), "pm": (21, 12), "night": (21, 0)}
    for kind, words in word_tables.load("dates")["halves"].items():
        for word in words:
            nine, twelve = (nearest_clock(f"{n}:15 {word}", 0, 0) for n in (9, 12))
            assert nine, word
            assert twelve, word
            assert (nine.hour, twelve.hour) == hours[kind], word


def test_the_nearest_of_two_times_is_taken() -> None:
    text = "2:55 PM,                  | Updated: 3:10 PM"
    clock = nearest_clock(text, 9, 26)
    assert clock is not None
    assert clock.minute == 55
