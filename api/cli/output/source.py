"""What is known of a source, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from worker.discovery.source_history import SourceHistory
from worker.model.catalog import Source
from worker.services.context import AppContext
from worker.services.sources.registry import health


def facts(context: AppContext, source: Source, hubs: Mapping[str, str]) -> dict[str, str]:
    """What people want to know; "" where there is nothing to say."""
    history = SourceHistory.from_dict(source.history)
    due = source.next_due_at if not source.paused else None
    return {
        "name": source.name,
        "url": source.url,
        "kind": source.kind,
        "schedule": source.schedule,
        "health": ailment(source, health(context, source)),
        "last visit": _time(history.last_at),
        "last news": _time(history.last_new_at),
        "next visit": _time(due.timestamp() if due else None),
        "visits": str(history.visits),
        "listed last": f"{history.listed} articles" if history.visits else "",
        "ETag": "not believed: its content changed behind it" if history.unreliable_validators else "",
        "hub": hubs.get(source.name, ""),
        "added": _time(source.created_at.timestamp()),
    }


def ailment(source: Source, health: str) -> str:
    """The health of a source, with the reason where it needs a look."""
    history = SourceHistory.from_dict(source.history)
    why = {
        "failing": f"{history.failed}, {history.failures} visits in a row",
        "empty": "it named articles once and names none now",
        "silent": f"nothing new since {_time(history.last_new_at or history.first_at)}",
    }
    return f"{health}: {why[health]}" if health in why else health


def _time(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC") if seconds else ""


def as_dict(context: AppContext, source: Source, hubs: Mapping[str, str]) -> dict[str, object]:
    """What people see of a source."""
    history = SourceHistory.from_dict(source.history)
    return {
        "name": source.name,
        "url": source.url,
        "kind": source.kind,
        "schedule": source.schedule,
        "health": health(context, source),
        "paused": source.paused,
        "next_due_at": source.next_due_at,
        "visits": history.visits,
        "failures_in_row": history.failures,
        "failed": history.failed,
        "listed": history.listed,
        "etag_lies": history.unreliable_validators,
        "hub": hubs.get(source.name),
        "created_at": source.created_at,
    }
