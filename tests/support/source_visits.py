"""Visits of a source, for tests of schedules and histories."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.discovery.source_history import SourceHistory, SourceVisit

HOUR, DAY = 3600.0, 86_400.0
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()  # a Tuesday


def visited(*visits: SourceVisit) -> SourceHistory:
    """Return the history of a source after these visits."""
    history = SourceHistory()
    for visit in visits:
        history = history.with_visit(visit)
    return history


def visits(every_s: float, count: int, new: int = 0, start: float = NOON, listed: int = 20) -> list[SourceVisit]:
    """Return successful visits at an interval."""
    return [SourceVisit(at=start + n * every_s, new=new, listed=listed) for n in range(count)]
