"""A source in the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from worker.discovery.source_history import SourceHistory
from worker.model.catalog import Source
from worker.services.context import AppContext
from worker.services.sources.registry import health


def source_facts(context: AppContext, source: Source, hubs: Mapping[str, str]) -> dict[str, str]:
    """Return the facts about a source as texts by name; "" for a fact that does not apply."""
    history = SourceHistory(**source.history)
    due = source.next_due_at if not source.paused else None
    return {
        "name": source.name,
        "url": source.url,
        "kind": source.kind,
        "schedule": source.schedule,
        "health": describe_health(source, health(context, source)),
        "last visit": _format_time(history.last_at),
        "last new article": _format_time(history.last_new_at),
        "next visit": _format_time(due.timestamp() if due else None),
        "visits": str(history.visits),
        "listed last": f"{history.listed} articles" if history.visits else "",
        "ETag": "ignored: the content changed while the ETag stayed the same" if history.unreliable_validators else "",
        "hub": hubs.get(source.name, ""),
        "added": _format_time(source.created_at.timestamp()),
    }


def describe_health(source: Source, health: str) -> str:
    """Return the health of a source, with the reason unless it is "ok"."""
    history = SourceHistory(**source.history)
    reasons = {
        "failing": f"{history.failed}, {history.failures} visits in a row",
        "empty": "it listed articles before and lists none now",
        "silent": f"nothing new since {_format_time(history.last_new_at or history.first_at)}",
    }
    return f"{health}: {reasons[health]}" if health in reasons else health


def source_to_json(context: AppContext, source: Source, hubs: Mapping[str, str]) -> dict[str, object]:
    """Return a source as a JSON object."""
    history = SourceHistory(**source.history)
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
        "etag_unreliable": history.unreliable_validators,
        "hub": hubs.get(source.name),
        "created_at": source.created_at,
    }


def _format_time(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC") if seconds else ""
