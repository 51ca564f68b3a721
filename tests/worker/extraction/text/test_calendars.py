"""Days of other calendars."""

from __future__ import annotations

from datetime import date

import pytest

from worker.extraction.text import calendars


@pytest.mark.parametrize(
    ("year", "month", "day", "value"),
    [
        (1399, 1, 1, date(2020, 3, 20)),
        (1400, 1, 1, date(2021, 3, 21)),
        (1403, 12, 30, date(2025, 3, 20)),
        (1405, 9, 3, date(2026, 11, 24)),
        (1408, 1, 1, date(2029, 3, 20)),
    ],
)
def test_solar_hijri_days(year: int, month: int, day: int, value: date) -> None:
    assert calendars.from_jalali(year, month, day) == value == calendars.to_gregorian(year, month, day)


@pytest.mark.parametrize(
    ("year", "month", "day", "value"),
    [
        (1405, 1, 1, date(1984, 9, 26)),
        (1445, 9, 1, date(2024, 3, 11)),
        (1448, 6, 14, date(2026, 11, 24)),
        (1500, 12, 1, date(2077, 10, 18)),
    ],
)
def test_days_of_umm_al_qura(year: int, month: int, day: int, value: date) -> None:
    assert calendars.from_umm_al_qura(year, month, day) == value


@pytest.mark.parametrize(("year", "value"), [(2569, 2026), (115, 2026), (2026, 2026)])
def test_years_tell_the_calendar(year: int, value: int) -> None:
    assert calendars.to_gregorian(year, 11, 24) == date(value, 11, 24)


@pytest.mark.parametrize(("year", "month", "day"), [(1405, 13, 1), (1405, 7, 31), (1448, 0, 1), (1448, 1, 31)])
def test_days_that_do_not_exist_are_refused(year: int, month: int, day: int) -> None:
    with pytest.raises(ValueError):
        calendars.to_gregorian(year, month, day)
