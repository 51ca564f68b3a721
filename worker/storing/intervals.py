"""The interval of a date histogram that gives a picture one can read: not more than about sixty bars."""

from __future__ import annotations

DAY_MS = 86_400_000

_LONGEST_SPAN_DAYS = (("day", 62), ("week", 62 * 7), ("month", 62 * 30))


def fitting(span_ms: int) -> str:
    """ "day", "week", "month" or "year", for what was published within so many milliseconds."""
    return next((interval for interval, days in _LONGEST_SPAN_DAYS if span_ms <= days * DAY_MS), "year")
