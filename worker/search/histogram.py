"""Date histograms: the interval that suits a span of time, and day counts merged into intervals.

Stores compare publication times in whole milliseconds, since Elasticsearch's dates have no finer resolution.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from worker.model.query import Bucket

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Longest span for each interval, so that a chart has at most about sixty bars.
_LONGEST_SPAN_DAYS = (("day", 62), ("week", 62 * 7), ("month", 62 * 30))


def fitting_interval(span_ms: int) -> str:
    """Return the interval for a span in milliseconds: "day", "week", "month" or "year"."""
    return next((interval for interval, days in _LONGEST_SPAN_DAYS if span_ms <= days * DAY_MS), "year")


def merge_days(days: Mapping[date, int], interval: str) -> tuple[Bucket, ...]:
    """Return the counts of days (or of longer intervals, by their first day) summed by interval, in order."""
    counts: Counter[date] = Counter()
    for day, count in sorted(days.items()):
        counts[first_day(day, interval)] += count
    return tuple(Bucket(value=day.isoformat(), count=count) for day, count in counts.items())


def first_day(day: date, interval: str) -> date:
    """Return the first day of the interval that contains `day`. Weeks begin on Monday, the first one on 0001-01-01."""
    match interval:
        case "week":
            return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def millis(time: datetime) -> int:
    """Return the milliseconds since 1970, rounded down, exactly."""
    return (time - EPOCH) // timedelta(milliseconds=1)
