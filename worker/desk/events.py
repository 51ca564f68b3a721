"""What others are told: a stream in Redis of articles that came, changed or went.

At least once: an event may come twice, with the same id and version, and never be lost between document and row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis

from worker.records import Document

STREAM = "copydesk:events"
KEPT = 100_000  # events that the stream holds, about


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    type: str  #: "article.indexed", "article.changed" or "article.gone"
    id: str
    version: int
    url: str
    headline: str

    @classmethod
    def of(cls, document: Document, type: str) -> Event:
        return cls(
            type=type,
            id=document.id,
            version=document.version,
            url=document.url,
            headline=document.article.headline or "",
        )


def publish(redis: Redis, events: Sequence[Event]) -> None:
    """Append to the stream."""
    pipeline = redis.pipeline(transaction=False)
    for event in events:
        fields: dict[Any, Any] = asdict(event)
        pipeline.xadd(STREAM, fields, maxlen=KEPT, approximate=True)
    pipeline.execute()
