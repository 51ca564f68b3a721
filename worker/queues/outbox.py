"""The outbox: matches of saved searches that were announced, and deliveries that wait for their webhooks, in Redis.

    outbox.announce(delivery, stream, kept, event, due=now)      # once for each version of an article and search
    for search in outbox.due(now, 50, lease_s=60):               # each second, on one machine
        if outbox.begin(search, now, lease_s=60):                # on any; False: somebody else is at it
            while delivery := outbox.take(search, now, lease_s=60):
                outbox.done(delivery)                            # or retry(delivery, due=now + 30)
            outbox.finish(search, until=now)                     # or leave its webhook in peace for a while

Taking counts a try before it hands out, so a delivery whose sender dies comes back with its lease and still ends. Only
keys wait here: the article is read when it is sent. Every step is one Lua script (outbox.lua). Times are epoch seconds
that the caller gives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis import Redis

from worker.package_data import read_text

PREFIX = "copydesk:outbox:"
SCRIPT = read_text("worker.queues", "lua", "outbox.lua")
MARK_S = 86_400  #: how long a match is remembered: repeated events come within minutes
MOST = 10_000  #: deliveries of one search that wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One version of an article, on its way to one search's webhook."""

    search: str
    article: str
    version: int
    content_hash: str  #: of the article when it matched
    event: str  #: type of the event that led to the match
    matched_at: float
    tries: int = 0  #: this one included

    @property
    def id(self) -> str:
        """The same for every try, and for a match that is found again after a crash."""
        text = f"{self.search} {self.article} {self.version}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Outbox:
    """Safe to share between threads and processes. `redis.RedisError` where Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(SCRIPT)

    def announce(
        self, delivery: Delivery, stream: str, kept: int, event: Mapping[str, Any], *, due: float | None
    ) -> str:
        """Append `event` to a stream that holds about `kept` events and queue the delivery for `due` (None: there is
        no webhook), both or neither. Gives "queued", "announced" (there is no webhook), "full" (`MOST` wait already:
        announced and not queued) or "known" (announced earlier)."""
        fields = [part for pair in event.items() for part in pair]
        body = "" if due is None else json.dumps(asdict(delivery))
        at = (delivery.search, delivery.id, body, due or 0, MOST)
        return str(self._run("announce", delivery.id, MARK_S, stream, kept, *at, *fields).decode())

    def due(self, now: float, limit: int, *, lease_s: float) -> list[str]:
        """Searches that have deliveries due, the longest waiting first. Each is named once: not again before `lease_s`
        have passed, or before a turn has begun and finished."""
        return [search.decode() for search in self._run("due", now, limit, now + lease_s)]

    def begin(self, search: str, now: float, *, lease_s: float) -> bool:
        """A turn of sending to one search's webhook, for at most `lease_s`. False while there is another, and while the
        webhook is left in peace: however many messages come, and however late, one turn is under way."""
        return bool(self._run("begin", search, now, now + lease_s))

    def take(self, search: str, now: float, *, lease_s: float) -> Delivery | None:
        """The delivery that is due the longest; it comes back after `lease_s` unless it is done or retried."""
        found = self._run("take", search, now, now + lease_s)
        return replace(Delivery(**json.loads(found[0])), tries=found[1]) if found else None

    def done(self, delivery: Delivery) -> bool:
        """Forget a delivery that was taken, given up or is not wanted any more. False where it was not there."""
        return bool(self._run("done", delivery.search, delivery.id))

    def retry(self, delivery: Delivery, due: float) -> None:
        """Let it be taken again at `due`."""
        self._run("retry", delivery.search, delivery.id, due)

    def give_back(self, delivery: Delivery, due: float) -> None:
        """The same, as if it had not been tried."""
        self._run("give_back", delivery.search, delivery.id, due)

    def finish(self, search: str, until: float) -> None:
        """End a turn, and leave the webhook in peace until then."""
        self._run("finish", search, until)

    def rest(self, search: str, until: float) -> None:
        """Leave a webhook in peace until then; what is past ends its peace. A turn that is under way goes on."""
        self._run("rest", search, until)

    def drop(self, search: str) -> int:
        """Forget all deliveries of a search. Returns how many waited."""
        return int(self._run("drop", search))

    def waiting(self, search: str) -> int:
        return int(self._redis.hlen(f"{PREFIX}deliveries:{search}"))

    def _run(self, step: str, *args: Any) -> Any:
        return self._script(args=[step, PREFIX, *args])
