"""Days of other calendars as days of the Gregorian one: Solar Hijri, Umm al-Qura, Buddhist, Minguo, Japanese eras."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from worker.extraction import word_tables

_BUDDHIST = 543  #: years by which Thailand's calendar is ahead
_MINGUO = 1911
_LAST_JALALI_YEAR = 1424  #: later years below 1500 are of the Islamic calendar
_JALALI_EPOCH = 226142  #: the ordinal of a day before the cycle of 33 years in which the leap years are counted
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "民國": _MINGUO, "民国": _MINGUO}


def to_gregorian(year: int, month: int, day: int) -> date:
    """Return the day, of the calendar that has such years today. Raises `ValueError` if the day does not exist."""
    if 100 <= year < 200:
        return date(year + _MINGUO, month, day)
    if 1300 <= year <= _LAST_JALALI_YEAR:
        return from_jalali(year, month, day)
    if _LAST_JALALI_YEAR < year <= 1500:
        return from_umm_al_qura(year, month, day)
    return date(year - _BUDDHIST if year > 2400 else year, month, day)


def from_jalali(year: int, month: int, day: int) -> date:
    """Return a day of the Solar Hijri calendar (the 33-year rule). Raises `ValueError` if the day does not exist."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError(f"no such day in the Solar Hijri calendar: {year}-{month}-{day}")
    cycle = year + 1595
    days = 365 * year + cycle // 33 * 8 + (cycle % 33 + 3) // 4
    return date.fromordinal(_JALALI_EPOCH + days + (month - 1) * 31 - max(0, month - 7) + day)


def from_umm_al_qura(year: int, month: int, day: int) -> date:
    """Return a day of Saudi Arabia's Islamic calendar. Raises `ValueError` if the day does not exist."""
    starts = _month_starts()
    index = (year - int(word_tables.load("dates")["umm_al_qura"]["first_year"])) * 12 + month - 1
    if not (0 <= index < len(starts) - 1 and 1 <= month <= 12 and 1 <= day <= starts[index + 1] - starts[index]):
        raise ValueError(f"no such day in the Umm al-Qura calendar: {year}-{month}-{day}")
    return date.fromordinal(starts[index] + day - 1)


@cache
def _month_starts() -> tuple[int, ...]:
    table = word_tables.load("dates")["umm_al_qura"]
    starts = [table["first_day"]]
    for year in table["long_months"]:
        for month in range(12):
            starts.append(starts[-1] + timedelta(days=30 if year >> month & 1 else 29))
    return tuple(day.toordinal() for day in starts)
