"""What people type, as a query takes it: filters and dates. `BadInput` says what would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from worker.errors import BadInput
from worker.queries import FACETS


def filters(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`field=value` words as filters: any of the values of one field, all of the fields."""
    found: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value) or name not in FACETS:
            raise BadInput(f"filter {text!r}: write field=value, with a field of {', '.join(FACETS)}")
        found[name] = (*found.get(name, ()), value)
    return found


def moment(text: str) -> datetime:
    """An ISO 8601 date or time; UTC where it names no zone."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is not a date; write it like 2026-11-24 or 2026-11-24T08:30+01:00") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
