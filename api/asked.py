"""What people type, as a query takes it: words, filters, dates, and which fields they want. `BadInput` says what would
do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from worker.errors import BadInput
from worker.queries import FACETS
from worker.storing.documents import FIELDS

SPAN = re.compile(r"([0-9]{1,5})([hdw])")  # no longer than our era
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def words(given: Sequence[str]) -> str:
    """Of a command line that passes options it does not know: `-storm` leaves a word out, `--sinse` is a slip."""
    if typo := next((word for word in given if word.startswith("--") and word != "--"), None):
        raise BadInput(f"there is no option {typo.partition('=')[0]}; `--help` lists them")
    return " ".join(given)


def filters(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`field=value` words as filters: any of the values of one field, all of the fields."""
    found: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value) or name not in FACETS:
            raise BadInput(f"filter {text!r}: write field=value, with a field of {', '.join(FACETS)}")
        found[name] = (*found.get(name, ()), value)
    return found


def fields(given: Sequence[str]) -> tuple[str, ...]:
    """Names of an article's fields, each given alone or several parted by commas."""
    names = tuple(name.strip() for text in given for name in text.split(",") if name.strip())
    if unknown := [name for name in names if name not in FIELDS]:
        raise BadInput(f"an article has no field {unknown[0]!r}; its fields are {', '.join(FIELDS)}")
    return names


def moment(text: str, now: datetime | None = None) -> datetime:
    """An ISO 8601 date or time, UTC where it names no zone; or a span up to now, such as 12h, 7d or 2w. A span begins
    with a full hour, or a day in UTC, so that pages of one search fit together."""
    if span := is_span(text):
        then = (now or datetime.now(UTC)).astimezone(UTC) - int(span[1]) * UNITS[span[2]]
        return then.replace(minute=0, second=0, microsecond=0, hour=then.hour if span[2] == "h" else 0)
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is not a date; write it like 2026-11-24, 2026-11-24T08:30+01:00 or 7d") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def is_span(text: str) -> re.Match[str] | None:
    """Whether this date moves with the clock."""
    return SPAN.fullmatch(text.strip())
