"""The crawl frontier: which URL of which host is fetched when. It lies in Redis, shared by all fetch workers.

URLs wait in one queue per host, by the time they are due; hosts wait by the time they may be visited. A visit needs a
lease, so one worker at a time speaks to a host. A lease carries a token: whoever lost it can change nothing any more.

    for host in frontier.due_hosts(now, 100):            # each second, on one machine
        lease = frontier.lease(host, now, seconds=90)    # on any; None: somebody else is there, or it is too early
        for job in frontier.take(lease, now):
            frontier.done(lease, [job.id])               # or retry(lease, job.id, due=now + 30)
        frontier.release(lease, next_at=now + delay)

Every step is one Lua script (frontier.lua), so none is ever half done. Times are epoch seconds that the caller gives.
All of it may be lost: the ledger's sweeper fills it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis

from worker.config.settings import Settings
from worker.package_data import read_text

PREFIX = "copydesk:frontier:"
SCRIPT = read_text("worker.queues", "lua", "frontier.lua")
HANDED_OUT_S = 5.0
PUSH_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to speak to one host."""

    host: str
    token: str  #: fencing token: grows with each lease that is given
    until: float


@dataclass(frozen=True, slots=True)
class Job:
    """One URL that is to be fetched now."""

    id: str
    attempt: int  #: times that it was tried before, crashes of a worker included


@dataclass(frozen=True, slots=True)
class Pause:
    """A host that is left alone for a while, and why."""

    host: str
    until: float
    why: str


class Frontier:
    """Safe to share between threads and processes. `redis.RedisError` where Redis does not answer."""

    def __init__(self, client: redis.Redis, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._redis = client
        self._settings = settings
        self._clock = clock
        self._script = client.register_script(SCRIPT)

    def push(self, jobs: Iterable[tuple[str, str]], *, due: float | None = None) -> int:
        """Queue (host, id), to be fetched at `due` (None: now) in the order given. What waits or is in flight stays as
        it is. Returns how many were new."""
        waiting, added = iter(jobs), 0
        while some := list(islice(waiting, PUSH_AT_ONCE)):
            when = self._clock() if due is None else due
            added += self._run("push", when, *(word for job in some for word in job))
        return added

    def due_hosts(self, now: float, limit: int, *, again_s: float = HANDED_OUT_S) -> list[str]:
        """Hosts that may be visited now and have URLs due, the longest waiting first. Each is named once: not again
        before `again_s` have passed or a lease of it was released."""
        return [_text(h) for h in self._run("due_hosts", now, limit, now + again_s)]

    def lease(self, host: str, now: float, seconds: float) -> Lease | None:
        """The right to speak to a host; None while somebody has it, or before it may be spoken to again."""
        token = self._run("lease", host, now, now + seconds)
        return Lease(host, _text(token), now + seconds) if token else None

    def take(self, lease: Lease, now: float, n: int = 1) -> list[Job] | None:
        """Up to `n` due URLs, which are now in flight; None where the lease is lost or over."""
        found = self._run("take", lease.host, lease.token, now, n)
        if found is None:
            return None
        return [Job(_text(id_), int(tries) - 1) for id_, tries in zip(found[::2], found[1::2], strict=True)]

    def done(self, lease: Lease, ids: Sequence[str]) -> bool:
        """Forget URLs that were fetched or given up. False where the lease is lost."""
        return bool(self._run("done", lease.host, lease.token, *ids))

    def retry(self, lease: Lease, id_: str, due: float) -> bool:
        """Try a URL again at `due`. False where the lease is lost."""
        return bool(self._run("retry", lease.host, lease.token, id_, due))

    def release(self, lease: Lease, next_at: float) -> bool:
        """Give a host back; nobody speaks to it before `next_at`. URLs that were taken and neither done nor to be
        retried wait again, as if they had not been taken. False where the lease is lost."""
        return bool(self._run("release", lease.host, lease.token, next_at))

    def record_failure(
        self, host: str, now: float, why: str, asked_s: float | None = None, *, first_try: bool = True
    ) -> Pause | None:
        """Count one more failure of a host as a whole (no connection, 5xx, 429). It is paused for as long as it asked
        for (Retry-After); and from the `fetch_breaker_failures`th in a row on, twice as long each time.

        Only first tries count: when a host's queue runs empty, the URLs that fail are all that is left of it.
        """
        s = self._settings
        bounds = (s.fetch_breaker_failures, s.fetch_breaker_pause_s, s.fetch_breaker_max_pause_s)
        until = self._run("strike", host, now, int(first_try), *bounds, asked_s or 0, why)
        return Pause(host, float(until), why) if until else None

    def record_success(self, host: str) -> None:
        """The host answered well: its failures are forgotten."""
        self._redis.delete(f"{PREFIX}strikes:{host}")

    def pause(self, host: str, until: float, why: str) -> None:
        """Leave a host alone; its URLs wait."""
        self._run("pause", host, until, why)

    def resume(self, host: str, *, is_away: bool = False) -> bool:
        """End a pause: what waits is due now, and the failures are forgotten. False where there was none; with
        `is_away`, which says that the host is put off without one, the same is done for it."""
        known = bool(self._run("resume", host, self._clock(), int(is_away)))
        if known or is_away:
            self.record_success(host)
        return known

    def paused(self, now: float) -> list[Pause]:
        """Hosts that are paused, by name."""
        found = self._redis.hgetall(PREFIX + "paused")
        pauses = (_pause(_text(host), _text(value)) for host, value in sorted(found.items()))
        return [p for p in pauses if p.until > now]

    def pause_of(self, host: str) -> Pause | None:
        """The last pause of one host, which may be over; None where that was long ago."""
        value = self._redis.hget(PREFIX + "paused", host)
        return _pause(host, _text(value)) if value else None

    def put_off(self, limit: int) -> list[str]:
        """Hosts that are next looked at, the latest first, whatever the reason."""
        found: Any = self._redis.zrevrange(PREFIX + "hosts", 0, limit - 1)
        return [_text(host) for host in found]

    def depths(self) -> dict[str, int]:
        """`waiting` URLs, those `in_flight`, and `hosts` that have some or were just visited."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(PREFIX + "counts", ["urls", "in_flight"])
            pipe.zcard(PREFIX + "hosts")
            (urls, in_flight), hosts = pipe.execute()
        flying = int(in_flight or 0)
        return {"waiting": int(urls or 0) - flying, "in_flight": flying, "hosts": int(hosts)}

    def contains(self, host: str, id_: str) -> bool:
        """Whether a URL waits or is in flight."""
        return self._redis.zscore(f"{PREFIX}queue:{host}", id_) is not None

    def remove(self, host: str, id_: str) -> bool:
        """Forget a URL. False where it was not there."""
        return bool(self._run("remove", host, id_))

    def _run(self, step: str, *args: Any) -> Any:
        return self._script(args=[step, PREFIX, *args])


def _pause(host: str, value: str) -> Pause:
    until, _, why = value.partition(" ")
    return Pause(host, float(until), why)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
