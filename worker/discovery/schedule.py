"""When a source is due, decided from its own history. Nothing here looks at a clock; times are epoch seconds (UTC).

every 15m           "15m", "2h", "1d", "90s"
cron                "*/15 6-22 * * 1-5", in UTC or "Europe/Berlin */15 6-22 * * 1-5"
adaptive            "adaptive 5m..6h": about one new article a visit
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
LEAST_S, MOST_S = 30.0, 30 * 86_400.0
MOST_BACKOFF_S = 86_400.0
FORMS = (
    'allowed: "15m", "adaptive 5m..6h", or a cron expression such as "*/15 6-22 * * 1-5", with a time zone before it'
)


@dataclass(frozen=True, slots=True)
class Every:
    seconds: float

    def next_at(self, history: SourceHistory, now: float) -> float:
        return _backed_off(self.seconds, history, now)


@dataclass(frozen=True, slots=True)
class Cron:
    expression: str
    zone: str = "UTC"

    def next_at(self, history: SourceHistory, now: float) -> float:
        """The next time after the last visit; after a standstill one visit makes up for all. Where visits fail, the
        times within the longer wait are left out."""
        times = self._after(max(history.last_at or now, now - 1))
        first, second = next(times).timestamp(), next(times).timestamp()
        longer_s = _wait_s(second - first, history) - (second - first)
        return next(self._after(first + longer_s - 1)).timestamp() if longer_s else first

    def _after(self, at: float) -> CronSim:
        return CronSim(self.expression, datetime.fromtimestamp(at, ZoneInfo(self.zone)))


@dataclass(frozen=True, slots=True)
class Adaptive:
    least_s: float
    most_s: float

    def next_at(self, history: SourceHistory, now: float) -> float:
        rate = history.rate(now)
        if history.visits < 2:
            seconds = self.least_s  # nothing is known yet: look soon
        else:
            seconds = min(max(1 / rate, self.least_s), self.most_s) if rate > 0 else self.most_s
        return _backed_off(seconds, history, now)


Schedule = Every | Cron | Adaptive


def parse(text: str) -> Schedule:
    """`BadInput` says what is allowed."""
    words = text.split()
    try:
        if len(words) == 1:
            return Every(_seconds(words[0]))
        if words and words[0] == "adaptive" and len(words) == 2:
            least, most = (_seconds(w) for w in words[1].split("..", 1))
            if least > most:
                raise ValueError(f"{words[1]} begins above its end")
            return Adaptive(least, most)
        zone = words.pop(0) if len(words) == 6 else "UTC"
        CronSim(" ".join(words), datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)))
        return Cron(" ".join(words), zone)
    except (ValueError, KeyError, OSError, CronSimError) as e:
        raise BadInput(f"{text!r} is no schedule ({e}); {FORMS}") from None


def _seconds(word: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", word)
    if not match:
        raise ValueError(f"{word!r} is no time span")
    seconds = float(match[1]) * UNITS[match[2]]
    if not LEAST_S <= seconds <= MOST_S:
        raise ValueError(f"{word!r} is not between 30s and 30d")
    return seconds


def _backed_off(seconds: float, history: SourceHistory, now: float) -> float:
    """Missed visits are not made up for."""
    return max((history.last_at or now) + _wait_s(seconds, history), now)


def _wait_s(seconds: float, history: SourceHistory) -> float:
    """A source that fails is asked less and less often, though once a day."""
    return max(seconds, min(seconds * 2.0 ** min(history.failures, 30), MOST_BACKOFF_S))


def recrawl_at(ages_s: tuple[float, ...], first_seen: float, published: float | None, now: float) -> float | None:
    """When a young article is fetched again for corrections: at the first of these ages that is still to come. It is
    as old as its date of publication says, or as we have known it; an old one is not fetched again (None)."""
    born = first_seen if published is None else min(first_seen, published)
    return next((born + age for age in sorted(ages_s) if born + age > now), None)
