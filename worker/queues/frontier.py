"""The crawl frontier: the jobs of each host by their due time, in Redis, shared by all fetch workers.

Jobs wait in one queue for each host, ordered by the time when they are due. Hosts are ordered by the time when they may
be visited. A visit needs a lease, so that one worker at a time sends requests to a host. A lease carries a fencing
token: a worker whose lease was lost can change nothing any more.

    for host in frontier.due_hosts(now, 100):            # each second, on one machine
        lease = frontier.lease(host, now, seconds=90)    # on any; None: another worker is there, or it is too early
        for job in frontier.take(lease, now):
            frontier.done(lease, [job.id])               # or retry(lease, job.id, due=now + 30)
        frontier.release(lease, next_at=now + delay)

A job's id is the id of a URL's row, or begins with the name of another kind of job (see `services.crawl.jobs`). Each
step is one Lua script and so happens completely or not at all. Times are epoch seconds, given by the caller. Redis may
lose all of this: the sweeper fills the frontier again from the ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis

from worker.config.settings import Settings
from worker.queues.scripts import Scripts
from worker.redis_keys import Keys

HANDED_OUT_S = 5.0
PUSH_BATCH = 1000
CANDIDATES_PER_HOST = 4  # candidates that are checked for each due host that the caller wants
FIRST = 0.0  #: due time of jobs that precede all URLs of a host


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send requests to one host."""

    host: str
    token: str  #: fencing token: grows with each lease that is given
    until: float


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a host that is to be done now."""

    id: str
    attempt: int  #: number of earlier attempts, including crashes of a worker


@dataclass(frozen=True, slots=True)
class Pause:
    """A host that is not visited until a time, and the reason."""

    host: str
    until: float
    reason: str


class Frontier:
    """The queues of all hosts.

    Safe to share between threads and processes. Raises `redis.RedisError` if Redis does not answer.
    """

    def __init__(self, client: redis.Redis, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._redis = client
        self._settings = settings
        self._clock = clock
        self._keys = Keys(settings.redis_prefix).frontier
        self._scripts = Scripts(client, "frontier")

    def push(self, jobs: Iterable[tuple[str, str]], *, due: float | None = None) -> int:
        """Queue jobs, given as (host, id), in this order, and return how many were new.

        They are due at `due` (None: now). A job that is queued or in flight stays as it is.
        """
        waiting, added = iter(jobs), 0
        while batch := list(islice(waiting, PUSH_BATCH)):
            hosts = {host: n for n, host in enumerate(dict.fromkeys(host for host, _ in batch), start=1)}
            added += self._scripts.run(
                "push",
                [*self._keys.shared, *map(self._keys.queue, hosts)],
                self._clock() if due is None else due,
                len(hosts),
                *hosts,
                *(word for host, id in batch for word in (hosts[host], id)),
            )
        return added

    def due_hosts(self, now: float, limit: int, *, again_s: float = HANDED_OUT_S) -> list[str]:
        """Return hosts that may be visited now and have due jobs, the longest waiting first.

        Each is returned once: not again before `again_s` have passed or a lease of it was released.
        """
        found: Any = self._redis.zrange(
            self._keys.hosts, "-inf", now, byscore=True, offset=0, num=limit * CANDIDATES_PER_HOST
        )
        if not found:
            return []
        candidates = [_text(host) for host in found]
        keys = [*self._keys.shared, *map(self._keys.queue, candidates)]
        return [_text(h) for h in self._scripts.run("due_hosts", keys, now, limit, now + again_s, *candidates)]

    def lease(self, host: str, now: float, seconds: float) -> Lease | None:
        """Return the right to visit a host, or None while another worker has it or before a visit is allowed."""
        found = self.lease_or_time(host, now, seconds)
        return found if isinstance(found, Lease) else None

    def lease_or_time(self, host: str, now: float, seconds: float) -> Lease | float:
        """Return the right to visit a host, or else the time when the host is free at the latest."""
        reply = self._run("lease", host, host, now, now + seconds)
        return float(reply[0]) if isinstance(reply, list) else Lease(host, _text(reply), now + seconds)

    def take(self, lease: Lease, now: float, n: int = 1) -> list[Job] | None:
        """Return up to `n` due jobs, which are now in flight, or None if the lease is lost or over."""
        found = self._run("take", lease.host, lease.host, lease.token, now, n)
        if found is None:
            return None
        return [Job(_text(id_), int(tries) - 1) for id_, tries in zip(found[::2], found[1::2], strict=True)]

    def done(self, lease: Lease, ids: Sequence[str]) -> bool:
        """Forget jobs that were done or given up. Return False if the lease is lost."""
        return bool(self._run("done", lease.host, lease.host, lease.token, *ids))

    def retry(self, lease: Lease, id_: str, due: float) -> bool:
        """Let a job wait until `due`. Return False if the lease is lost."""
        return bool(self._run("retry", lease.host, lease.host, lease.token, id_, due))

    def release(self, lease: Lease, next_at: float) -> bool:
        """Give a host back, to be visited at `next_at` at the earliest. Return False if the lease is lost.

        Jobs that were taken and neither done nor retried wait again, as if they had not been taken.
        """
        return bool(self._run("release", lease.host, lease.host, lease.token, next_at))

    def record_failure(
        self, host: str, now: float, reason: str, requested_s: float | None = None, *, first_try: bool = True
    ) -> Pause | None:
        """Count a failure of a host as a whole (no connection, 5xx, 429) and return the pause that follows, if any.

        The host is paused for as long as it requested (Retry-After). From the `fetch_breaker_failures`th failure in a
        row on, it is paused for at least `fetch_breaker_pause_s`, twice as long each time.

        Only first tries count towards that: when a host's queue is nearly empty, only its failing URLs are left.
        """
        s = self._settings
        bounds = (s.fetch_breaker_failures, s.fetch_breaker_pause_s, s.fetch_breaker_max_pause_s)
        until = self._run("record_failure", host, host, now, int(first_try), *bounds, requested_s or 0, reason)
        return Pause(host, float(until), reason) if until else None

    def record_success(self, host: str) -> None:
        """Forget the failures of a host that answered."""
        self._redis.delete(self._keys.failures(host))

    def pause(self, host: str, until: float, reason: str) -> None:
        """Do not visit a host until a time; its jobs wait."""
        self._run("pause", host, host, until, reason)

    def resume(self, host: str, *, is_away: bool = False) -> bool:
        """End the pause of a host: its jobs are due now, its failures are forgotten. Return False if it had none.

        With `is_away` the same is done for a host that is not paused, but delayed because it gives no robots.txt.
        """
        return bool(self._run("resume", host, host, self._clock(), int(is_away)))

    def paused(self, now: float) -> list[Pause]:
        """Return the hosts that are paused, by name."""
        found = self._redis.hgetall(self._keys.pauses)
        pauses = (_pause(_text(host), _text(value)) for host, value in sorted(found.items()))
        return [p for p in pauses if p.until > now]

    def pause_of(self, host: str) -> Pause | None:
        """Return the last pause of a host, which may be over, or None if there was none lately."""
        value = self._redis.hget(self._keys.pauses, host)
        return _pause(host, _text(value)) if value else None

    def delayed_hosts(self, limit: int) -> list[str]:
        """Return the hosts whose next visit is the latest, whatever the reason."""
        found: Any = self._redis.zrevrange(self._keys.hosts, 0, limit - 1)
        return [_text(host) for host in found]

    def depths(self) -> dict[str, int]:
        """Return the numbers of `waiting` jobs, jobs `in_flight`, and `hosts` with jobs or a recent visit."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(self._keys.counts, ["urls", "in_flight"])
            pipe.zcard(self._keys.hosts)
            (urls, in_flight), hosts = pipe.execute()
        flying = int(in_flight or 0)
        return {"waiting": int(urls or 0) - flying, "in_flight": flying, "hosts": int(hosts)}

    def contains(self, host: str, id_: str) -> bool:
        """Return True if a job waits or is in flight."""
        return self.contain([(host, id_)]) == [True]

    def contain(self, jobs: Sequence[tuple[str, str]]) -> list[bool]:
        """Return for each (host, id) whether it waits or is in flight."""
        with self._redis.pipeline(transaction=False) as pipe:
            for host, id in jobs:
                pipe.zscore(self._keys.queue(host), id)
            return [due is not None for due in pipe.execute()]

    def remove(self, host: str, id_: str) -> bool:
        """Forget a job. Return False if it was not there."""
        return bool(self._run("remove", host, id_))

    def _run(self, command: str, host: str, *args: Any) -> Any:
        return self._scripts.run(command, self._keys.of_host(host), *args)


def _pause(host: str, value: str) -> Pause:
    until, _, reason = value.partition(" ")
    return Pause(host, float(until), reason)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
