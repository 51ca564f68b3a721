"""Publication times as stores compare them: in whole milliseconds, since Elasticsearch's dates have no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def millis(moment: datetime) -> int:
    """Since 1970, rounded down, exactly."""
    return (moment - _EPOCH) // _MILLISECOND
