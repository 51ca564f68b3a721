"""The histogram of dates: a column for each interval, also for intervals without articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.web.ui.search_state import SearchState
from worker.model.query import Bucket

WIDTH, HEIGHT = 1000, 100  #: size of the drawing, in units of its own
GAP = 0.18  #: empty part of an interval's width
MAX_COLUMN_WIDTH = 32
MIN_COLUMN_HEIGHT = 3  #: high enough that a column of one article is visible and can be clicked
MAX_COLUMNS = 300  #: if there are more intervals, only those with articles get a column


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The column of one interval."""

    label: str
    count: int
    since: str  #: the first day
    until: str  #: the day after the last; "" at the end of the calendar
    url: str  #: the search within this interval
    x: float
    width: float
    room_x: float  #: left edge of the area that can be clicked: the column with the gaps at both sides
    room_width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """The columns, and the labels of both ends."""

    columns: tuple[Column, ...]
    interval: str
    first: str
    last: str


def histogram(state: SearchState, buckets: Sequence[Bucket], interval: str | None) -> Histogram | None:
    """Return the histogram, or None if no matching article has a date."""
    if not buckets or not interval:
        return None
    counts = {_number(date.fromisoformat(b.value), interval): b.count for b in buckets}
    first, last = min(counts), max(counts)
    is_drawn_whole = last - first < MAX_COLUMNS
    numbers = range(first, last + 1) if is_drawn_whole else sorted(counts)
    room, most = WIDTH / (last - first + 1), max(counts.values())
    columns = [_column(state, n, counts.get(n, 0), interval, (n - first) * room, room, most) for n in numbers]
    return Histogram(
        columns=tuple(columns),
        interval=interval,
        first=columns[0].label,
        last=columns[-1].label if len(columns) > 1 else "",
    )


def _column(state: SearchState, number: int, count: int, interval: str, x: float, room: float, most: int) -> Column:
    since, until = _begin(number, interval), _begin(number + 1, interval)
    first, last = since.isoformat() if since else "", until.isoformat() if until else ""
    width = min(max(room * (1 - GAP), 1), MAX_COLUMN_WIDTH)
    return Column(
        label=_label(since or date.min, interval),
        count=count,
        since=first,
        until=last,
        url=state.url(since=first, until=last),
        x=round(max(0, x + (room - width) / 2), 2),
        width=round(width, 2),
        room_x=round(x, 2),
        room_width=round(max(room, 1), 2),
        height=round(max(MIN_COLUMN_HEIGHT, HEIGHT * count / most), 1) if count else 0,
    )


def _number(day: date, interval: str) -> int:
    """Return a number for the interval that contains a day. Neighbouring intervals have consecutive numbers."""
    match interval:
        case "day":
            return day.toordinal()
        case "week":
            return (day.toordinal() - 1) // 7  # 1 January of year 1 was a Monday
        case "month":
            return day.year * 12 + day.month - 1
        case _:
            return day.year


def _begin(number: int, interval: str) -> date | None:
    """Return the first day of an interval, or None beyond the calendar."""
    try:
        match interval:
            case "day":
                return date.fromordinal(number)
            case "week":
                return date.min + timedelta(weeks=number)
            case "month":
                return date(number // 12, number % 12 + 1, 1)
            case _:
                return date(number, 1, 1)
    except (ValueError, OverflowError):
        return None


def _label(begin: date, interval: str) -> str:
    match interval:
        case "day":
            return f"{begin.day} {begin:%B %Y}"
        case "week":
            return f"week of {begin.day} {begin:%B %Y}"
        case "month":
            return f"{begin:%B %Y}"
        case _:
            return f"{begin.year}"
