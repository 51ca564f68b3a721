"""Days with a month in words."""

from __future__ import annotations

import pytest

from worker.extraction import word_tables
from worker.extraction.text.month_names import find_worded_day, month_key, month_names


def test_every_name_of_a_month_is_found() -> None:
    tables = word_tables.load("dates")
    years = {"months": 2026, "jalali": 1405, "hijri": 1448}
    for calendar, year in years.items():
        for number, names in tables[calendar].items():
            for name in names:
                for text in (
                    f"24 {name} {year}",
                    f"{year}. {name} 24.",
                    f"{name} 24, {year}",
                    f"24 {name.upper()}. {year}",
                ):
                    found = find_worded_day(text)
                    assert found is not None, text
                    assert (found.year, found.month, found.day) == (year, int(number), 24), text


def test_no_name_means_two_months() -> None:
    tables = word_tables.load("dates")
    for calendar in ("months", "jalali", "hijri"):
        for number, names in tables[calendar].items():
            for name in names:
                assert month_names()[month_key(name)] == (int(number), calendar), name


@pytest.mark.parametrize(
    "text",
    [
        "24 de noviembre del 2026",
        "dimecres, 24 d'abril de 2026",
        "November the 24th, 2026",
        "24th of November, 2026",
        "24-nov-2026",
        "24.nov.2026",
        "24nov2026",
        "24 Nov '26",
        "24-Nov-26",
        "2026. gada 24. novembris",
        "2026 m. lapkričio 24 d.",
        "2026 оны 11-р сарын 24",
        "ngày 24 tháng 11 năm 2026",
        "24-го ноября 2026 года",
        "24 พ.ย. 69",
        "24 KASIM 2026",
        "24 ΝΟΕΜΒΡΙΟΥ 2026",
        "Tue Nov 24 21:15:00 EST 2026",
        "24 בנובמבר 2026",
    ],
)
def test_order_glue_and_short_years(text: str) -> None:
    found = find_worded_day(text)
    assert found is not None
    assert found.day == 24
    assert found.year in (2026, 2569)


@pytest.mark.parametrize(
    "text", ["You may read 5 stories, 2026", "march on 24 roads", "Room 24, Nov", "24:10 May 2026", "45 May 2026"]
)
def test_other_texts_hold_no_day(text: str) -> None:
    assert find_worded_day(text) is None
