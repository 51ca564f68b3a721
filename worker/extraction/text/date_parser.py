"""Dates as sources write them: ISO 8601 and near misses, RFC 822, epochs, dates in words, other calendars.

A `ParsedDate` keeps its precision, and whether the source gave a zone. The words are in tables/dates.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from worker.extraction.text import calendars, time_zones
from worker.extraction.text.clock_parser import Clock, nearest_clock
from worker.extraction.text.month_names import find_worded_day
from worker.extraction.text.relative_dates import find_relative


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date that a source gave."""

    value: datetime  #: aware, in UTC; UTC was assumed if `zoned` is False
    precision: str  #: "second", "minute", "day"
    zoned: bool  #: whether the source gave a zone
    local_day: date | None = None  #: the day where it was written

    @property
    def is_day(self) -> bool:
        """True if the time of day is unknown."""
        return self.precision == "day"

    @property
    def day(self) -> date:
        """The day where it was written."""
        return self.local_day or self.value.date()

    def in_zone(self, name: str) -> ParsedDate:
        """Return the same time of day in a zone. The date must not be zoned."""
        zone = time_zones.zone_of(name)
        return replace(self, value=time_zones.localize(self.value.replace(tzinfo=None), zone)) if zone else self


EARLIEST_YEAR, LATEST_YEAR = 1985, 2100
_LONGEST = 200  #: characters that are read

_ISO = re.compile(
    r"(?<!\d)(\d{4})([-/.])(\d{1,2})[-/.](\d{1,2})(?:[Tt\s,;|·_-]{1,3}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:]\d+)?)?"
    r"\s*\[?(?P<zone>[Zz]\b|(?:GMT|UTC)?\s?[+\-−]\d{1,2}:?\d{2}(?::\d{2})?(?!\d)|[+-]\d{2}(?!\d)|[A-Z]{2,5}\b"
    r"|[A-Z][a-z]+/[A-Z][A-Za-z_]+)?)?(?!\d)"
)
_ISO_WEEK = re.compile(r"(?<![\d-])(\d{4})-?W(\d{2})-?([1-7])(?!\d)")
_ISO_ORDINAL = re.compile(r"((?:19|20)\d\d)-(\d{3})(?:T.*)?")
_EPOCH = re.compile(r"\d{10}(?:\d{3}){0,2}(?:\.\d+)?$")
_NET_EPOCH = re.compile(r"\\?/Date\((\d{12,13})[+-]?\d{0,4}\)\\?/")
_COMPACT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?:[Tt ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?"
    r"\s?(?P<zone>[Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?!\d)"
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2})(?!\d)")
_MINGUO = re.compile(r"^\D{0,12}(1\d\d)([./-])(\d{1,2})\2(\d{1,2})(?!\d)")
_ERA_LETTER = re.compile(r"(?<!\w)([RH])(\d{1,2})[./](\d{1,2})[./](\d{1,2})(?!\d)")
_EAST_ASIAN = re.compile(
    r"(?:(令和|平成|昭和|民[國国])\s*)?(?<!\d)(元|\d{1,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일號号]?"
    r"|()(?<!\d)(\d{4})\s*\.\s*(\d{1,2})\s*\.\s*(\d{1,2})\s*\.?(?!\d)"
)
_HALF = re.compile(r"\s*[ap]\.?\s?m\b", re.I)
_DIGIT = re.compile("[0-9]")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_DIRECTION = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HAN = dict(zip("〇零一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十廿卅]{1,4}(?=[年月日號号時时点點分])")


def parse(
    text: str, *, day_first: bool = True, zone: str | None = None, now: datetime | None = None
) -> ParsedDate | None:
    """Return the first date in a short text, or None. Never raises an error.

    `day_first` decides what 03/04/2024 means. `zone` is the publisher's (an IANA name): it decides what a zone's name
    means that several countries use. "3 hours ago" is read if the time of the fetch, `now`, is known.
    """
    text = text[: 2 * _LONGEST].strip()[:_LONGEST]
    found = _parse(text, day_first, zone) if len(text) > 3 else None
    if found is None and now is not None and text:
        return _relative(text, now, zone)
    return found


@lru_cache(maxsize=4096)
def _parse(text: str, day_first: bool, home: str | None) -> ParsedDate | None:
    text = _plain(text)
    if not _DIGIT.search(text):
        return None
    for read in (_iso, _epoch, _compact, _east_asian, _worded):
        if found := read(text, home):
            return found
    return _era_letter(text, home) or _numeric(text, day_first, home) or _rare(text, home)


def _plain(text: str) -> str:
    """Return the text with ASCII digits and without marks of direction. Numbers in Chinese become digits."""
    if text.isascii():
        return text
    text = _OTHER_DIGIT.sub(lambda m: str(int(m[0])), _DIRECTION.sub("", text))
    return _HAN_NUMBER.sub(lambda m: _han_number(m[0]), text)


def _han_number(text: str) -> str:
    """Return a number in Chinese as digits: "二〇二六", "十一", "二十四"."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        return "".join(str(_HAN[c]) for c in text)
    tens, _, ones = text.partition("十")
    return str(_HAN.get(tens[-1:], 1) * 10 + _HAN.get(ones[:1], 0))


def _iso(text: str, home: str | None) -> ParsedDate | None:
    match = _ISO.search(text)
    if not match:
        return None
    year, _, month, day, hour, minute, second = match.groups()[:7]
    if hour is None or _HALF.match(text, match.end(7) if second else match.end(6)):
        return _dated(text, (year, month, day), match.start(), match.end(4), home)
    clock = Clock(int(hour), int(minute), int(second) if second else None, match["zone"], 0, 0)
    return _parsed_date((year, month, day), clock, home)


def _epoch(text: str, _: str | None) -> ParsedDate | None:
    match = _NET_EPOCH.search(text)
    if not match and not _EPOCH.match(text):
        return None
    seconds = float(match[1] if match else text.partition(".")[0])
    while seconds > 1e11:
        seconds /= 1000
    value = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return ParsedDate(value, "second", zoned=True) if EARLIEST_YEAR <= value.year <= LATEST_YEAR else None


def _compact(text: str, home: str | None) -> ParsedDate | None:
    match = _COMPACT.search(text)
    if not match:
        return None
    year, month, day, hour, minute, second = match.groups()[:6]
    if hour is None:
        return _dated(text, (year, month, day), match.start(), match.end(), home)
    return _parsed_date(
        (year, month, day), Clock(int(hour), int(minute), int(second) if second else None, match["zone"], 0, 0), home
    )


def _east_asian(text: str, home: str | None) -> ParsedDate | None:
    match = _EAST_ASIAN.search(text)
    if not match:
        return None
    era, year, month, day = match.groups()[:4] if match[2] else match.groups()[4:]
    number = 1 if year == "元" else int(year)
    number += calendars.ERAS[era] if era else 2000 if number < 100 else 0
    return _dated(text, (number, month, day), match.start(), match.end(), home)


def _worded(text: str, home: str | None) -> ParsedDate | None:
    found = find_worded_day(text)
    if not found:
        return None
    for start, end in found.spans:
        text = text[:start] + " " * (end - start) + text[end:]
    convert = {"jalali": calendars.from_jalali, "hijri": calendars.from_umm_al_qura}.get(found.calendar)
    day: date | tuple[int, int, int] = (found.year, found.month, found.day)
    if convert:
        try:
            day = convert(found.year, found.month, found.day)
        except ValueError:
            return None
    return _parsed_date(day, nearest_clock(text, found.spans[0][0], found.spans[-1][1]), home)


def _numeric(text: str, day_first: bool, home: str | None) -> ParsedDate | None:
    for match in _NUMERIC.finditer(text):
        first, second, year = match.groups()
        if len(year) == 2:
            year = f"20{year}"
        is_day_first = (day_first or "." in match[0] or int(first) > 12) and int(second) <= 12
        day, month = (first, second) if is_day_first else (second, first)
        if found := _dated(text, (year, month, day), match.start(), match.end(), home):
            return found
    return None


def _era_letter(text: str, home: str | None) -> ParsedDate | None:
    match = _ERA_LETTER.search(text)
    if not match:
        return None
    year = calendars.ERAS[match[1]] + int(match[2])
    return _dated(text, (year, match[3], match[4]), match.start(), match.end(), home)


def _rare(text: str, home: str | None) -> ParsedDate | None:
    """Return a date in a rare notation: with a year of the Republic of China, an ISO week, or a day of the year."""
    if match := _MINGUO.search(text):
        return _dated(text, (match[1], match[3], match[4]), match.start(1), match.end(), home)
    try:
        if match := _ISO_WEEK.search(text):
            return _parsed_date(date.fromisocalendar(int(match[1]), int(match[2]), int(match[3])), None, home)
        if match := _ISO_ORDINAL.fullmatch(text):
            return _parsed_date(date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1), None, home)
    except ValueError:
        pass
    return None


def _relative(text: str, now: datetime, zone: str | None) -> ParsedDate | None:
    home = time_zones.zone_of(zone) or UTC
    found = find_relative(_plain(text), now.astimezone(home))
    if found is None:
        return None
    local, is_day = found
    if not is_day:
        return ParsedDate(local.astimezone(UTC).replace(second=0, microsecond=0), "minute", zoned=True)
    return _parsed_date(local.date(), nearest_clock(_plain(text), 0, 0), zone)


def _dated(
    text: str, day: tuple[int | str, int | str, int | str], start: int, end: int, home: str | None
) -> ParsedDate | None:
    """Return the day in text[start:end] with the nearest time of day."""
    year, month, number = (int(part) for part in day)
    blank = text[:start] + " " * (end - start) + text[end:]
    return _parsed_date((year, month, number), nearest_clock(blank, start, end), home)


def _parsed_date(
    day: date | tuple[int | str, int | str, int | str], clock: Clock | None, home: str | None
) -> ParsedDate | None:
    """Return the date at a time of day, or None if it does not exist or is too far from today."""
    try:
        local = day if isinstance(day, date) else calendars.to_gregorian(*(int(part) for part in day))
        zone: tzinfo | None = None
        naive = datetime(local.year, local.month, local.day)  # noqa: DTZ001
        if clock:
            naive += timedelta(hours=clock.hour, minutes=clock.minute, seconds=min(clock.second or 0, 59))
            if clock.hour > 24 or clock.minute > 59:
                return None
            zone = time_zones.zone_of(clock.zone, home)
        value = time_zones.localize(naive, zone or UTC)
    except (ValueError, OverflowError):
        return None
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        return None
    precision = "day" if clock is None else "minute" if clock.second is None else "second"
    return ParsedDate(value, precision, zoned=zone is not None, local_day=naive.date())
