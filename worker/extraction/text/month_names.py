"""Days with a month in words, in any language: "5 November 2017", "3 de mayo de 2023", and the like.

The month's name is found first, then the day and the year among the numbers beside it, with a short word between.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TypeAlias

from worker.extraction import word_tables

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WordedDay:
    """A day in a text."""

    year: int
    month: int
    day: int
    calendar: str  #: "months" (Gregorian or Buddhist), "jalali" or "hijri": the table of the month's name
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Number:
    value: int
    start: int
    end: int
    digits: int


@dataclass(frozen=True, slots=True)
class _Month:
    number: int
    calendar: str
    start: int
    end: int
    is_thai: bool


_TOKEN = re.compile(r"\d+|[^\W\d_][^\s\d,;:/|()\[\]<>\"“”•·–—-]*")
_GLUE = re.compile(r"[\s.,/'’‘\"|()-]*(?:[^\W\d_]{1,4}(?:\.[^\W\d_]{1,2})?(?:[\s.,/'’|()-]+|$)){0,2}")
_CLOCK_BETWEEN = re.compile(r"[\s,.]*\d{1,2}:\d{2}(?::\d{2})?[\s,.]*(?:[ap]\.?m\.?|[A-Z]{1,5}|[+-]\d{4}|\s|,)*", re.I)
_SHORT_YEAR = re.compile(r"[-./\s]?\s?['’]?|\s?พ\.ศ\.\s?")
_LONGEST_NAME = 3  #: words
_REACH = 16  #: characters between the numbers and the month


def find_worded_day(text: str) -> WordedDay | None:
    """Return the first day with a month in words, if possible of the Gregorian calendar, or None."""
    tokens = list(_TOKEN.finditer(text))
    numbers = [_Number(int(t[0]), t.start(), t.end(), len(t[0])) for t in tokens if t[0].isdecimal() and len(t[0]) < 5]
    if len(numbers) < 2:
        return None
    other = None
    months = list(_month_tokens(text, tokens))
    for month in months:
        day = _around(text, month, numbers)
        if day and not _spans_another(day, month, months):
            if day.calendar == "months":
                return day
            other = other or day
    return other


def _spans_another(day: WordedDay, month: _Month, months: Sequence[_Month]) -> bool:
    """Return True if another month is between the parts of a day: "mar., 24 nov. 2026", where "mar." is Tuesday."""
    begin, end = min(start for start, _ in day.spans), max(end for _, end in day.spans)
    return any(begin < other.start < end for other in months if other is not month)


def month_key(word: str) -> str:
    """Return a name of a month in the form that the tables are compared in: no case, accents, variants of letters."""
    letters = unicodedata.normalize("NFD", word.replace("\u200c", " ").casefold())
    kept = "".join(c for c in letters if not "\u0300" <= c <= "\u036f")
    for variant, letter in (("ı", "i"), ("ي", "ی"), ("ى", "ی"), ("ك", "ک"), ("أ", "ا"), ("إ", "ا"), ("״", "")):
        kept = kept.replace(variant, letter)
    return " ".join(unicodedata.normalize("NFC", kept).replace("׳", "").split()).strip(" .")


@cache
def month_names() -> Mapping[str, tuple[int, str]]:
    """Return the number of each month by its name's key, with the table that has the name."""
    tables = word_tables.load("dates")
    return {
        month_key(name): (int(number), calendar)
        for calendar in ("hijri", "jalali", "months")
        for number, names in tables[calendar].items()
        for name in names
    }


@lru_cache(maxsize=4096)
def _number_of(word: str) -> tuple[int, str] | None:
    names, key = month_names(), month_key(word)
    if found := names.get(key):
        return found
    article, _, elided = key.replace("’", "'").partition("'")  # d'abril
    return names.get(elided) if elided and len(article) == 1 else names.get(key[1:]) if key.startswith("ב") else None


@lru_cache(maxsize=4096)
def _may_be_long(word: str) -> bool:
    """Return True if a name of several words begins with this word."""
    return month_key(word) in _first_words()


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in month_names() if " " in name)


def _month_tokens(text: str, tokens: Sequence[re.Match[str]]) -> Iterator[_Month]:
    skip = 0
    for i, token in enumerate(tokens):
        if i < skip or token[0].isdecimal():
            continue
        for count in range(_LONGEST_NAME if _may_be_long(token[0]) else 1, 0, -1):
            last = tokens[min(i + count, len(tokens)) - 1]
            name = text[token.start() : last.end()]
            if len(name) < 40 and (found := _number_of(name)):
                skip = i + count
                yield _Month(*found, token.start(), last.end(), "\u0e00" <= name[0] <= "\u0e7f")
                break
    for match in re.finditer(r"(\d{1,2})-?р\s+сар\w*", text):  # Mongolian
        yield _Month(int(match[1]), "months", match.start(), match.end(), is_thai=False)


def _around(text: str, month: _Month, numbers: Sequence[_Number]) -> WordedDay | None:
    """Return the day whose numbers are around a month: D M Y, M D Y, Y M D, or M D, a time of day, and Y."""
    numbers = [n for n in numbers if n.end <= month.start or n.start >= month.end]
    earlier = [n for n in numbers if n.end <= month.start]
    before, far = earlier[-1:], earlier[-2:-1]
    after = [n for n in numbers if n.start >= month.end]
    first, second = after[:1], after[1:2]
    for days, years in (
        (before, first),
        (first, second),
        (first, before),
        (before, after[1:]),
        (first, after[1:]),
        (before, far),
    ):
        for day in days:
            for year in years:
                if found := _day(text, month, day, year):
                    return found
    return None


def _day(text: str, month: _Month, day: _Number, year: _Number) -> WordedDay | None:
    if day.digits > 2 or not 1 <= day.value <= 31 or text[day.end : day.end + 1] == ":" or day is year:
        return None
    if text[max(0, day.start - 1) : day.start] == ":":
        return None
    number = _year(text, month, day, year)
    pieces = sorted(((month.start, month.end), (day.start, day.end), (year.start, year.end)))
    if number is None or not all(_joins(text[a[1] : b[0]]) for a, b in pairwise(pieces)):
        return None
    return WordedDay(number, month.number, day.value, month.calendar, tuple(pieces))


def _joins(gap: str) -> bool:
    return (len(gap) <= _REACH and _GLUE.fullmatch(gap) is not None) or (
        len(gap) < 30 and _CLOCK_BETWEEN.fullmatch(gap) is not None
    )


def _year(text: str, month: _Month, day: _Number, year: _Number) -> int | None:
    """Return the year in full, or None if the number cannot be one."""
    if year.digits == 4:
        century = year.value // 100
        return year.value if century in ((13, 14) if month.calendar != "months" else (19, 20, 25, 26)) else None
    is_last = year.start >= max(month.end, day.end)
    gap = text[max(month.end, day.end) : year.start]
    if year.digits != 2 or not is_last or not _SHORT_YEAR.fullmatch(gap) or text[year.end : year.end + 1] in (":", "."):
        return None
    if day.start > month.end and "'" not in gap.replace("’", "'"):
        return None
    century = 1400 if month.calendar != "months" else 2500 if month.is_thai else 2000
    return year.value + century
