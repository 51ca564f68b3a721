"""The schedules of sources. A schedule and a source's history decide the time of its next visit.

every 15m           "15m", "2h", "1d", "90s"
cron                "*/15 6-22 * * 1-5", in UTC or "Europe/Berlin */15 6-22 * * 1-5"
adaptive            "adaptive 5m..6h": about one new article per visit

Nothing here reads a clock. Times are epoch seconds (UTC).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from worker.discovery.source_history import SourceHistory
from worker.errors import BadInput

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MIN_S, MAX_S = 30.0, 30 * 86_400.0
MAX_BACKOFF_S = 86_400.0
ALLOWED_FORMS = (
    'allowed: "15m", "adaptive 5m..6h", or a cron expression such as "*/15 6-22 * * 1-5", with a time zone before it'
)


@dataclass(frozen=True, slots=True)
class Every:
    """A visit at a fixed interval."""

    seconds: float

    def next_at(self, history: SourceHistory, now: float) -> float:
        """Return the time of the next visit."""
        return _after_wait(self.seconds, history, now)


@dataclass(frozen=True, slots=True)
class Cron:
    """Visits at the times of a cron expression in a time zone."""

    expression: str
    zone: str = "UTC"

    def next_at(self, history: SourceHistory, now: float) -> float:
        """Return the first time after the last visit.

        One visit replaces all that were missed while no worker ran. While visits fail, the times within the longer
        wait are skipped.
        """
        times = self._after(max(history.last_at or now, now - 1))
        first, second = next(times).timestamp(), next(times).timestamp()
        extra_s = _wait_s(second - first, history) - (second - first)
        return next(self._after(first + extra_s - 1)).timestamp() if extra_s else first

    def _after(self, at: float) -> CronSim:
        return CronSim(self.expression, datetime.fromtimestamp(at, ZoneInfo(self.zone)))


@dataclass(frozen=True, slots=True)
class Adaptive:
    """An interval between two bounds, chosen so that a visit finds about one new article."""

    min_s: float
    max_s: float

    def next_at(self, history: SourceHistory, now: float) -> float:
        """Return the time of the next visit."""
        rate = history.rate(now)
        if history.visits < 2:
            seconds = self.min_s  # the rate is not known yet
        else:
            seconds = min(max(1 / rate, self.min_s), self.max_s) if rate > 0 else self.max_s
        return _after_wait(seconds, history, now)


Schedule = Every | Cron | Adaptive


def parse(text: str) -> Schedule:
    """Return the schedule that a text describes. Raise `BadInput` with the allowed forms for any other text."""
    words = text.split()
    try:
        if len(words) == 1:
            return Every(_seconds(words[0]))
        if words and words[0] == "adaptive" and len(words) == 2:
            shortest, longest = (_seconds(w) for w in words[1].split("..", 1))
            if shortest > longest:
                raise ValueError(f"in {words[1]} the shortest interval is longer than the longest")
            return Adaptive(shortest, longest)
        zone = words.pop(0) if len(words) == 6 else "UTC"
        CronSim(" ".join(words), datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)))
        return Cron(" ".join(words), zone)
    except (ValueError, KeyError, OSError, CronSimError) as e:
        raise BadInput(f"{text!r} is not a schedule ({e}); {ALLOWED_FORMS}") from None


def _seconds(word: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", word)
    if not match:
        raise ValueError(f"{word!r} is not a time span")
    seconds = float(match[1]) * UNITS[match[2]]
    if not MIN_S <= seconds <= MAX_S:
        raise ValueError(f"{word!r} is not between 30s and 30d")
    return seconds


def _after_wait(seconds: float, history: SourceHistory, now: float) -> float:
    """Return the time of a visit this long after the last one, now if it was missed."""
    return max((history.last_at or now) + _wait_s(seconds, history), now)


def _wait_s(seconds: float, history: SourceHistory) -> float:
    """Return the wait between two visits: it doubles with each failure in a row, up to one day."""
    return max(seconds, min(seconds * 2.0 ** min(history.failures, 30), MAX_BACKOFF_S))


def recrawl_at(ages_s: tuple[float, ...], first_seen: float, published: float | None, now: float) -> float | None:
    """Return the time when a young article is fetched again for corrections: the next of these ages.

    The age counts from the publication date or from the first crawl, whichever is earlier. Return None for an article
    that is older than all of them.
    """
    born = first_seen if published is None else min(first_seen, published)
    return next((born + age for age in sorted(ages_s) if born + age > now), None)
