"""The Retry-After header: a number of seconds, or a date (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_S = 86_400.0  # whoever says "in a year" is asked again tomorrow


def retry_after_s(value: str | None, now: datetime) -> float | None:
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
