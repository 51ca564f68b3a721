"""Parsing of what users type: words, filters, dates and names of fields. `BadInput` says what is expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from worker.errors import BadInput
from worker.model.query import FACETS
from worker.storage.document_json import FIELDS

SPAN = re.compile(r"([0-9]{1,5})([hdw])")  # five digits at most: longer spans begin before year 1
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def join_words(given: Sequence[str]) -> str:
    """Return the words of a command line as one query.

    The command passes unknown options on as words: `-storm` excludes a word, but `--sinse` is a typing error.
    """
    if typo := next((word for word in given if word.startswith("--") and word != "--"), None):
        raise BadInput(f"Unknown option: {typo.partition('=')[0]}. Run the command with --help to list its options.")
    return " ".join(given)


def parse_filters(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return `field=value` words as filters: a document must match one value of each field."""
    filters: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value) or name not in FACETS:
            raise BadInput(f"Invalid filter {text!r}: write field=value, with one of these fields: {', '.join(FACETS)}")
        filters[name] = (*filters.get(name, ()), value)
    return filters


def parse_fields(given: Sequence[str]) -> tuple[str, ...]:
    """Return names of article fields. Each text holds one name, or several separated by commas."""
    names = tuple(name.strip() for text in given for name in text.split(",") if name.strip())
    if unknown := [name for name in names if name not in FIELDS]:
        raise BadInput(f"An article has no field {unknown[0]!r}. Its fields are {', '.join(FIELDS)}.")
    return names


def parse_date(text: str, now: datetime | None = None) -> datetime:
    """Return an ISO 8601 date or time, in UTC if it names no zone, or the beginning of a span up to now (12h, 7d, 2w).

    A span begins at a full hour, or at midnight UTC for days and weeks, so that the pages of one search fit together.
    """
    if span := match_span(text):
        begin = (now or datetime.now(UTC)).astimezone(UTC) - int(span[1]) * UNITS[span[2]]
        return begin.replace(minute=0, second=0, microsecond=0, hour=begin.hour if span[2] == "h" else 0)
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is not a date. Write it like 2026-11-24, 2026-11-24T08:30+01:00 or 7d.") from None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def match_span(text: str) -> re.Match[str] | None:
    """Return the match of a span, whose begin moves with the clock, or None for a date."""
    return SPAN.fullmatch(text.strip())
