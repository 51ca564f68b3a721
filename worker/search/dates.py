"""The interval of a date histogram that gives a picture one can read: not more than about sixty bars.

Publication times as stores compare them: in whole milliseconds, since Elasticsearch's dates have no more.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

DAY_MS = 86_400_000

_LONGEST_SPAN_DAYS = (("day", 62), ("week", 62 * 7), ("month", 62 * 30))


def fitting(span_ms: int) -> str:
    """ "day", "week", "month" or "year", for what was published within so many milliseconds."""
    return next((interval for interval, days in _LONGEST_SPAN_DAYS if span_ms <= days * DAY_MS), "year")


def beginning(day: date, interval: str) -> date:
    """The first day of the interval that a day lies in; weeks begin on Monday, and none before the calendar does."""
    match interval:
        case "week":
            return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def millis(moment: datetime) -> int:
    """Since 1970, rounded down, exactly."""
    return (moment - _EPOCH) // _MILLISECOND
