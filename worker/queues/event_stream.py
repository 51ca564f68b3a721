"""What others are told: a stream in Redis of articles that came, changed or went.

At least once: an event may come twice, with the same id and version, and never be lost between document and row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from redis import Redis

from worker.model.records import Document

STREAM = "copydesk:events"
KEPT = 100_000  # events that the stream holds, about
#: The stream is cut first: a Redis that is full takes events only from a script that has freed memory before, and until
#: they are out, no page leaves the spool that fills it.
APPEND = """
local fields_each = 2 * tonumber(ARGV[2])
redis.call("XTRIM", KEYS[1], "MAXLEN", "~", ARGV[1])
for i = 3, #ARGV, fields_each do
  redis.call("XADD", KEYS[1], "*", unpack(ARGV, i, i + fields_each - 1))
end
"""


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
    """Append to the stream: all or none."""
    fields = [tuple(asdict(event).items()) for event in events]
    if fields:
        flat = [str(part) for event in fields for field in event for part in field]
        redis.eval(APPEND, 1, STREAM, KEPT, len(fields[0]), *flat)
