"""Dates as sources write them: ISO 8601 and near misses, RFC 822, epochs, printed dates of many languages.

A `ParsedDate` keeps its precision, and whether the source gave a zone. Names of months and zones are in
tables/dates.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache

from worker.extraction import word_tables


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date that a source gave."""

    value: datetime  #: aware, in UTC; UTC was assumed if `zoned` is False
    precision: str  #: "second", "minute", "day"
    zoned: bool  #: whether the source gave a zone

    @property
    def is_day(self) -> bool:
        """True if the time of day is unknown."""
        return self.precision == "day"


EARLIEST_YEAR, LATEST_YEAR = 1985, 2100
_BUDDHIST = 543  #: years by which Thailand's calendar is ahead

_ISO = re.compile(
    r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s,;]{1,3}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{1,2}:?\d{2}(?::\d{2})?|[+-]\d{2}|[A-Z]{2,4}\b)?)?(?!\d)"
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?$")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(Z?)(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2})(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년.]\s*(\d{1,2})\s*[月월.]\s*(\d{1,2})\s*[日일.]?")
_CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})\s*(?:[:h.]|時|时|点|시|H)\s?(\d{2})(?::(\d{2}))?(?:\s*[分분])?\s*([ap]\.?m\.?)?(?:\s*(?:Uhr|uur))?(?:\s*\(?(?P<zone>(?:GMT|UTC)[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,4}|[+-]\d{2}:?\d{2})\b)?",
    re.I,
)
_HALF = re.compile(r"[ap]\.?m\b", re.I)
_DIGIT = re.compile("[0-9]")
_YEAR = re.compile(r"(?:19|20|25)\d\d")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_DIRECTION = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MORNING = ("오전", "上午", "午前", "凌晨", "早上")
_HALF_BEFORE = re.compile(r"(오전|오후|上午|下午|午前|午後|凌晨|早上|晚上)\s*(\d{1,2}\s*[:時时시]\s*\d{2}(?::\d{2})?)")
_CLOCK_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})()()\s*([ap]\.?m\b\.?)(?:\s*\(?(?P<zone>[A-Z]{2,4})\b)?", re.I)


@lru_cache(maxsize=4096)
def parse(text: str, *, day_first: bool = True) -> ParsedDate | None:
    """Return the first date in a short text, or None.

    `day_first` decides what 03/04/2024 means. Never raises an error.
    """
    text = _plain(text.strip()[:200])
    if not _DIGIT.search(text):
        return None
    for read in (_iso, _epoch, _compact, _east_asian, _worded):
        if found := read(text):
            return found
    return _numeric(text, day_first)


def _plain(text: str) -> str:
    """Return the text with ASCII digits, without marks of direction, and with AM and PM after the time.

    Korean, Chinese and Japanese write AM and PM before the time.
    """
    if text.isascii():
        return text
    text = _OTHER_DIGIT.sub(lambda m: str(int(m[0])), _DIRECTION.sub("", text))
    return _HALF_BEFORE.sub(lambda m: f"{m[2]} {'am' if m[1] in _MORNING else 'pm'}", text)


def _iso(text: str) -> ParsedDate | None:
    match = _ISO.search(text)
    if not match:
        return None
    year, month, day, hour, minute, second = match.groups()[:6]
    if hour is None or _HALF.search(text, match.end(5)):
        return _parsed_date((year, month, day), *_clock(text[match.end(3) :]))
    return _parsed_date((year, month, day), (hour, minute, second), match["zone"])


def _epoch(text: str) -> ParsedDate | None:
    if not _EPOCH.match(text):
        return None
    seconds = float(text.partition(".")[0])
    seconds = seconds / 1000 if seconds > 1e11 else seconds
    value = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return ParsedDate(value, "second", zoned=True) if EARLIEST_YEAR <= value.year <= LATEST_YEAR else None


def _compact(text: str) -> ParsedDate | None:
    match = _COMPACT.search(text)
    if not match:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    return _parsed_date((year, month, day), (hour, minute, second), zone)


def _east_asian(text: str) -> ParsedDate | None:
    match = _EAST_ASIAN.search(text)
    return _parsed_date(match.groups(), *_clock(text[match.end() :])) if match else None


def _worded(text: str) -> ParsedDate | None:
    """Return a date with a worded month, or None.

    Examples: "5 November 2017", "November 5, 2017", "3 de mayo de 2023", "16. Juni 2019".
    """
    if not _YEAR.search(text):
        return None
    for pattern in _worded_patterns():
        if match := pattern.search(text):
            month = _months()[match["month"].casefold().rstrip(".")]
            rest = text[: match.start()] + "  " + text[match.end() :]
            return _parsed_date((match["year"], str(month), match["day"]), *_clock(rest))
    return None


def _numeric(text: str, day_first: bool) -> ParsedDate | None:
    match = _NUMERIC.search(text)
    if not match:
        return None
    first, second, year = match.groups()
    if len(year) == 2:
        year = f"20{year}"
    is_day_first = (day_first or "." in match[0] or int(first) > 12) and int(second) <= 12
    day, month = (first, second) if is_day_first else (second, first)
    return _parsed_date((year, month, day), *_clock(text[: match.start()] + "  " + text[match.end() :]))


def _clock(text: str) -> tuple[tuple[str | None, str | None, str | None], str | None]:
    match = _CLOCK.search(text) or _CLOCK_HOUR.search(text)
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return (None, None, None), None
    hour = int(match[1])
    if half := (match[4] or "").lower():
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return (str(hour), match[2] or "0", match[3] or None), match["zone"]


def _parsed_date(
    date: tuple[str | None, ...], clock: tuple[str | None, str | None, str | None], zone: str | None
) -> ParsedDate | None:
    hour, minute, second = clock
    try:
        year, month, day = (int(part or 0) for part in date)
        year -= _BUDDHIST if year > LATEST_YEAR else 0
        naive = datetime(year, month, day, int(hour or 0), int(minute or 0), min(int(second or 0), 59))  # noqa: DTZ001
        offset = _offset(zone)
        value = naive.replace(tzinfo=offset or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        return None
    precision = "day" if hour is None else "minute" if second is None else "second"
    return ParsedDate(value, precision, zoned=offset is not None)


def _offset(zone: str | None) -> timezone | None:
    """Return the time zone named "Z", "+0200" or "CEST", or None if it is unknown."""
    if not zone:
        return None
    if match := re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?(?::\d{2})?", zone, re.I):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes)) if minutes < 24 * 60 else None
    minutes_east = _zones().get(zone.upper())
    return timezone(timedelta(minutes=minutes_east)) if minutes_east is not None else None


@cache
def _months() -> Mapping[str, int]:
    table = word_tables.load("dates")["months"]
    return {name.casefold(): int(number) for number, names in table.items() for name in names}


@cache
def _zones() -> Mapping[str, int]:
    return dict(word_tables.load("dates")["zones"])


@cache
def _worded_patterns() -> tuple[re.Pattern[str], ...]:
    months = "|".join(re.escape(m) for m in sorted(_months(), key=len, reverse=True))
    month, year = rf"(?P<month>{months})\.?", r"(?P<year>(?:19|20|25)\d\d)"
    return (
        re.compile(
            rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|°|ª)?[\s-]+(?:de |d['’]|of |ב)?{month}(?!\w)[\s,-]+"
            rf"(?:de |del |năm )?{year}",
            re.I,
        ),
        re.compile(rf"(?<!\w){month}[\s-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?:at\s)?{year}", re.I),
        re.compile(rf"{year}[\s.]+(?:m\.\s)?{month}[\s.]+(?P<day>\d{{1,2}})(?!\d)", re.I),
    )  # fmt: skip
