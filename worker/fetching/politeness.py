"""Delays between two requests to a host, and before a failed URL is fetched again.

The Retry-After header is a number of seconds or a date (RFC 9110, section 10.2.3).
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from worker.config.settings import Settings
from worker.fetching.robots import RobotsRules

MAX_RETRY_AFTER_S = 86_400.0  # a host that says "in a year" is requested again after a day


def delay_s(settings: Settings, host: str, rules: RobotsRules, elapsed_s: float = 0.0) -> float:
    """Return the seconds between a request and the next one to the same host (an origin).

    The first of these decides: `fetch_host_delays` for the host's name or a domain above it; the delay in its
    robots.txt; the longer of `fetch_delay_s` and `fetch_delay_factor` times `elapsed_s`, the duration of the last
    request. The last two are limited to `fetch_max_delay_s`.
    """
    configured = _configured_delay(settings, urlsplit(host).hostname or "")
    if configured is not None:
        return configured
    if rules.delay_s is not None:
        return min(rules.delay_s, settings.fetch_max_delay_s)
    return min(max(settings.fetch_delay_s, elapsed_s * settings.fetch_delay_factor), settings.fetch_max_delay_s)


def _configured_delay(settings: Settings, name: str) -> float | None:
    while name:
        if name in settings.fetch_host_delays:
            return settings.fetch_host_delays[name]
        name = name.partition(".")[2]
    return None


def retry_wait_s(
    settings: Settings, attempt: int, retry_after_s: float | None = None, jitter: float | None = None
) -> float:
    """Return the seconds until a failed URL is fetched again.

    The wait doubles with each attempt (0 for the first) and is at least `retry_after_s`. A `jitter` from 0 to 1
    (random if None) spreads it between 50% and 100%, so that the URLs of a host that failed do not all return at once.
    """
    share = random.random() if jitter is None else jitter  # noqa: S311
    wait = settings.fetch_retry_base_s * 2.0**attempt * (0.5 + share / 2)
    return wait if retry_after_s is None else max(wait, retry_after_s * (1 + share / 10))


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds from `now`, 0 to one day; None if the header is missing or unreadable."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER_S)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), MAX_RETRY_AFTER_S)
