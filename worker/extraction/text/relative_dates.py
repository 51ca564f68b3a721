"""Stamps that count back from the time of the fetch: "3 hours ago", "vor 5 Minuten", "yesterday"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache

from worker.extraction import word_tables

_LONGEST = 60  #: characters of such a stamp, at most


def find_relative(text: str, now: datetime) -> tuple[datetime, bool] | None:
    """Return the time that a stamp means, with True if only its day is known, or None."""
    if len(text) > _LONGEST:
        return None
    if match := _ago_pattern().search(text):
        number = int(next(g for g in (match["count"], match["count_after"]) if g))
        unit = (match["unit"] or match["unit_after"]).casefold()
        minutes = _minutes()[unit] * number
        if minutes > 366 * 1440:
            return None
        return now - timedelta(minutes=minutes), minutes >= 1440
    for name, days in (("today", 0), ("yesterday", 1)):
        if _day_pattern(name).search(text):
            return now - timedelta(days=days), True
    return (now, False) if _day_pattern("now").search(text) else None


@cache
def _minutes() -> dict[str, int]:
    units = word_tables.load("dates")["relative"]["units"]
    return {word.casefold(): int(minutes) for minutes, words in units.items() for word in words}


def _any(words: list[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


@cache
def _ago_pattern() -> re.Pattern[str]:
    units, ago = _any(list(_minutes())), _any(word_tables.load("dates")["relative"]["ago"])
    return re.compile(
        rf"(?:(?<!\w)(?:{ago})\s*(?P<count>\d{{1,3}})\s?(?P<unit>{units})(?!\w)"
        rf"|(?<!\d)(?P<count_after>\d{{1,3}})\s?(?P<unit_after>{units})\.?\s?(?:{ago})(?!\w))",
        re.I,
    )


@cache
def _day_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(word_tables.load('dates')['relative'][name])})(?!\w)", re.I)
