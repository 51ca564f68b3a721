"""The event stream: articles that were indexed, changed or removed, as a Redis stream for other programs.

Events are delivered at least once: one may come twice, with the same id and version. None is lost between the writing
of a document and of its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from redis import Redis

from worker.config.settings import Settings
from worker.model.records import Document
from worker.queues.scripts import Scripts
from worker.redis_keys import Keys

STREAM_LENGTH = 100_000  #: approximate number of events in the stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of an article."""

    type: str  #: "article.indexed", "article.changed" or "article.gone"
    id: str
    version: int
    url: str
    headline: str

    @classmethod
    def of(cls, document: Document, type: str) -> Event:
        """Return the event of a type about a document."""
        return cls(
            type=type,
            id=document.id,
            version=document.version,
            url=document.url,
            headline=document.article.headline or "",
        )


class EventStream:
    """The stream to which events are appended.

    Safe to share between threads and processes. Raises `redis.RedisError` if Redis does not answer.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self.key = Keys(settings.redis_prefix).events
        self._scripts = Scripts(redis, "events")

    def publish(self, events: Sequence[Event]) -> None:
        """Append all events or none."""
        fields = [tuple(asdict(event).items()) for event in events]
        if fields:
            flat = [str(part) for event in fields for field in event for part in field]
            self._scripts.run("publish", [self.key], STREAM_LENGTH, len(fields[0]), *flat)
