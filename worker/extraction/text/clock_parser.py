"""Times of day as sources write them, with the half of the day and the zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from worker.extraction import word_tables
from worker.extraction.text import time_zones


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day."""

    hour: int  #: 24 is the end of the day
    minute: int
    second: int | None
    zone: str | None
    start: int
    end: int


_AFTER_LATIN = "\u036f"  #: words that begin with later characters may precede the time
_BARE = re.compile(
    r"(?<![\d:.])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s?(?:hrs?\s)?(?=\(?(?:GMT|UTC|[ECMP][SD]?T)\b)"
)


def nearest_clock(text: str, start: int, end: int) -> Clock | None:
    """Return the time of day that is nearest to the date in text[start:end], which must be blank, or None."""
    clocks = list(_clocks(text))
    return min(clocks, key=lambda c: c.start - end if c.start >= end else start - c.end, default=None)


def _clocks(text: str) -> Iterator[Clock]:
    for match in (*_clock_pattern().finditer(text), *_BARE.finditer(text)):
        groups = match.groupdict()
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        half = groups.get("before") or groups.get("after") or ""
        if match["minute"] is None and not half and not groups.get("mark"):
            continue
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            continue
        second = groups.get("second")
        yield Clock(
            _with_half(hour, half),
            minute,
            int(second) if second else None,
            _zone_after(text, match.end(), bool(second)),
            match.start(),
            match.end(),
        )


def _with_half(hour: int, half: str) -> int:
    if not half or hour > 12:
        return hour
    kind = _halves()[_half_key(half)]
    if kind == "night":
        return hour if hour < 6 else hour % 12 + (12 if hour < 12 else 0)
    return hour % 12 + (12 if kind == "pm" else 0)


def _zone_after(text: str, end: int, has_seconds: bool) -> str | None:
    match = _zone_pattern().match(text, end)
    if match is None:
        return None
    zone = match["offset"] or match["name"] or match["phrase"]
    is_range = match["offset"] and ":" in zone and zone.startswith("-") and not has_seconds  # 09:15-10:30
    return None if is_range else zone


@cache
def _zone_pattern() -> re.Pattern[str]:
    return re.compile(
        r"(?:\s*(?i:uhr|uur|น\.|hrs?\b|h\b|ч\.?))?[\s,/|]*[(\[]?\s*(?:"
        r"(?P<offset>(?:GMT|UTC)\s?[+\-−]\d{1,2}(?::?\d{2})?(?!\d)|[+\-]\d{2}:?\d{2}(?![\d:.]))"
        rf"|(?P<phrase>(?i:{time_zones.phrase_pattern()}))(?!\w)"
        r"|(?P<name>[A-ZМСК]{1,5}\b|[A-Z][a-z]+/[A-Z][A-Za-z_]+))"
    )


@cache
def _halves() -> dict[str, str]:
    table = word_tables.load("dates")["halves"]
    return {_half_key(word): kind for kind, words in table.items() for word in words}


def _half_key(word: str) -> str:
    return re.sub(r"[\s.\u200c]", "", word).casefold()


@cache
def _clock_pattern() -> re.Pattern[str]:
    words = sorted((w for ws in word_tables.load("dates")["halves"].values() for w in ws), key=len, reverse=True)
    before = "|".join(re.escape(w) for w in words if w[0] > _AFTER_LATIN and w not in ("م", "ص"))
    after = "|".join(_loose(w) for w in words)
    return re.compile(
        rf"(?:(?P<before>{before})\s*)?(?<![\d:.,/-])(?P<hour>\d{{1,2}})"
        r"(?:\s?(?:[:.h]|giờ|時|时|点|點|시|(?:uhr|h)\b)\s?(?P<minute>[0-5]\d)(?!\.?\d)"
        r"(?::(?P<second>[0-5]\d)(?!\d)(?:[.,]\d+)?)?)?"
        r"(?:\s?(?:[분分](?:\s?\d\d?[초秒])?|phút))?(?:\s?(?P<mark>uhr\b|[時时点點시](?!\s?\d)|giờ))?"
        rf"(?:\s?(?P<after>{after})(?![^\W\d_])\.?)?",
        re.I,
    )


def _loose(word: str) -> str:
    """Return a pattern that allows full stops and spaces between the letters of a short word."""
    parts = list(word) if len(word) == 2 else word.split()
    return r"\.?\s?".join(map(re.escape, parts))
