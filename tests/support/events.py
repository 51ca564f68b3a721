"""The event stream as a consumer sees it."""

from __future__ import annotations

from worker.services.context import AppContext


def published(context: AppContext) -> list[dict[str, str]]:
    """Return the fields of all events, the oldest first."""
    entries = context.redis.xrange(context.events.key) or []
    return [{_text(name): _text(value) for name, value in (fields or {}).items()} for _, fields in entries]


def published_types(context: AppContext) -> list[str]:
    """Return the types of all events, the oldest first."""
    return [event["type"] for event in published(context)]


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
