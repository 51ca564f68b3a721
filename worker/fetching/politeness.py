"""How long a host is left in peace between two requests, and a failed URL before its next try.

The Retry-After header: a number of seconds, or a date (RFC 9110, section 10.2.3).
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from worker.config.settings import Settings
from worker.fetching.robots import RobotsRules


def delay_s(settings: Settings, host: str, rules: RobotsRules, elapsed_s: float = 0.0) -> float:
    """Seconds after a request until the host (an origin) may be asked again.

    By the first of: `fetch_host_delays` for its name or a domain above it; what its robots.txt asks; `fetch_delay_s`,
    or `fetch_delay_factor` times what the last request took where that is longer. At most `fetch_max_delay_s`.
    """
    named = _named(settings, urlsplit(host).hostname or "")
    if named is not None:
        return named
    if rules.delay_s is not None:
        return min(rules.delay_s, settings.fetch_max_delay_s)
    return min(max(settings.fetch_delay_s, elapsed_s * settings.fetch_delay_factor), settings.fetch_max_delay_s)


def _named(settings: Settings, name: str) -> float | None:
    while name:
        if name in settings.fetch_host_delays:
            return settings.fetch_host_delays[name]
        name = name.partition(".")[2]
    return None


def retry_wait_s(settings: Settings, attempt: int, asked_s: float | None = None, jitter: float | None = None) -> float:
    """Seconds until a failed URL is tried again, twice as long after each attempt (0 for the first), or as long as the
    host asked for (Retry-After). A `jitter` of 0 to 1 (random, if None) spreads it between 50% and 100%, so that the
    URLs of a host that fell over do not come back all at once."""
    share = random.random() if jitter is None else jitter  # noqa: S311
    wait = settings.fetch_retry_base_s * 2.0**attempt * (0.5 + share / 2)
    return max(wait, asked_s * (1 + share / 10)) if asked_s is not None else wait


MOST_S = 86_400.0  # whoever says "in a year" is asked again tomorrow


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from `now`, 0 to a day. None where the header is missing or says nothing that can be read."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MOST_S)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), MOST_S)
