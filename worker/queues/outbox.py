"""The outbox: webhook deliveries of saved searches that wait, and marks of matches that were announced, in Redis.

    outbox.announce(delivery, event, due=now)                    # once for each version of an article and search
    for search in outbox.due(now, 50, lease_s=60):               # each second, on one machine
        if outbox.begin(search, now, lease_s=60):                # on any; False: another sender is at work
            while delivery := outbox.take(search, now, lease_s=60):
                outbox.done(delivery)                            # or retry(delivery, due=now + 30)
            outbox.finish(search, until=now)                     # or a later time, to pause its webhook

Taking counts a try before it hands out a delivery, so a delivery whose sender dies comes back when its lease ends, and
its tries still come to an end. Only keys wait here: the article is read when it is sent. Each step is one Lua script
and so happens completely or not at all. Times are epoch seconds, given by the caller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis import Redis

from worker.config.settings import Settings
from worker.queues.event_stream import STREAM_LENGTH
from worker.queues.scripts import Scripts
from worker.redis_keys import Keys

REMEMBERED_S = 86_400  #: how long a match is remembered: repeated events come within minutes
MAX_WAITING = 10_000  #: maximum number of waiting deliveries of one search


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook request: one version of an article for one saved search."""

    search: str
    article: str
    version: int
    content_hash: str  #: content hash of the article when it matched
    event: str  #: type of the event that led to the match
    matched_at: float
    tries: int = 0  #: number of attempts, including the current one

    @property
    def id(self) -> str:
        """An id that is the same for each try, and for a match that is found again after a crash."""
        text = f"{self.search} {self.article} {self.version}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Outbox:
    """The deliveries of all saved searches.

    Safe to share between threads and processes. Raises `redis.RedisError` if Redis does not answer.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        keys = Keys(settings.redis_prefix)
        self._redis = redis
        self._keys = keys.outbox
        self._stream = keys.events
        self._scripts = Scripts(redis, "outbox")

    def announce(self, delivery: Delivery, event: Mapping[str, Any], *, due: float | None) -> str:
        """Append `event` to the event stream and queue the delivery for `due`, both or neither.

        `due` is None if the search has no webhook. Return "queued", "announced" (no webhook), "full"
        (`MAX_WAITING` deliveries wait: announced, not queued) or "known" (announced before).
        """
        fields = [part for pair in event.items() for part in pair]
        body = "" if due is None else json.dumps(asdict(delivery))
        keys = [*self._keys.of_search(delivery.search), self._keys.matched(delivery.id), self._stream]
        bounds = (REMEMBERED_S, STREAM_LENGTH, delivery.id, body, due or 0, MAX_WAITING)
        return str(self._scripts.run("announce", keys, delivery.search, *bounds, *fields).decode())

    def due(self, now: float, limit: int, *, lease_s: float) -> list[str]:
        """Return searches that have due deliveries, the longest waiting first.

        Each is returned once: not again before `lease_s` have passed, or a sender has begun and finished.
        """
        found: Any = self._redis.zrange(self._keys.searches, "-inf", now, byscore=True, offset=0, num=limit)
        if not found:
            return []
        candidates = [search.decode() for search in found]
        keys = [*self._keys.shared, *map(self._keys.queue, candidates)]
        return [search.decode() for search in self._scripts.run("due", keys, now, now + lease_s, *candidates)]

    def begin(self, search: str, now: float, *, lease_s: float) -> bool:
        """Return True if the caller may send to a search's webhook, for at most `lease_s`.

        Return False while another sender is at work or the webhook is paused. So one sender at a time is at work,
        however many messages come, and however late.
        """
        return bool(self._run("begin", search, search, now, now + lease_s))

    def take(self, search: str, now: float, *, lease_s: float) -> Delivery | None:
        """Return the delivery that has been due the longest.

        It comes back after `lease_s` unless it is done or retried.
        """
        found = self._run("take", search, now, now + lease_s)
        return replace(Delivery(**json.loads(found[0])), tries=found[1]) if found else None

    def done(self, delivery: Delivery) -> bool:
        """Delete a delivery that succeeded, finally failed or is not needed any more. Return False if it is unknown."""
        return bool(self._run("done", delivery.search, delivery.id))

    def retry(self, delivery: Delivery, due: float) -> None:
        """Let a delivery wait until `due`."""
        self._run("retry", delivery.search, delivery.id, due)

    def give_back(self, delivery: Delivery, due: float) -> None:
        """Let a delivery wait until `due`, as if it had not been tried."""
        self._run("give_back", delivery.search, delivery.id, due)

    def finish(self, search: str, until: float) -> None:
        """End sending, and do not call the webhook until a time."""
        self._run("finish", search, search, until)

    def pause(self, search: str, until: float) -> None:
        """Do not call a webhook until a time; a time in the past ends its pause. A current sender goes on."""
        self._run("pause", search, search, until)

    def drop(self, search: str) -> int:
        """Forget all deliveries of a search and return how many waited."""
        return int(self._run("drop", search, search))

    def waiting(self, search: str) -> int:
        """Return how many deliveries of a search wait."""
        return int(self._redis.hlen(self._keys.deliveries(search)))

    def _run(self, command: str, search: str, *args: Any) -> Any:
        return self._scripts.run(command, self._keys.of_search(search), *args)
