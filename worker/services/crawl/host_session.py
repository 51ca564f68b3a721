"""A session with one host: its lease, robots.txt rules, delay and breaker. Every request to a host uses one.

Host visits use it for URLs, sources and hubs, and so do commands that fetch a page at once. Only the holder of a host's
lease sends requests to it, one at a time; `next_at` is the time of the next allowed request. Redirects are not
followed: the target may be on another host, which needs its own session.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from redis.exceptions import RedisError

from worker.config.settings import Settings
from worker.errors import FetchFailed, Unavailable
from worker.fetching.politeness import delay_s
from worker.fetching.robots import RobotsRules, product_token
from worker.model.reasons import Reason
from worker.model.records import Fetched
from worker.queues.frontier import Job, Lease
from worker.services.context import AppContext

log = logging.getLogger(__name__)

MAX_SLEEP_S = 1.0  # after a longer delay the host is visited again later
RECHECK_S = 0.5
T = TypeVar("T")


class HostSession:
    """One lease on a host. Use it as a context manager: its end releases the host, for visits from `next_at` on."""

    def __init__(self, context: AppContext, lease: Lease, deadline: float) -> None:
        self.context = context
        self.lease = lease
        self.deadline = deadline  #: epoch seconds after which no request begins
        self.next_at = self.now()  #: epoch seconds of the next allowed request
        self.request_seconds: list[float] = []  #: of the requests that were answered
        self._rules: RobotsRules | None = None

    @classmethod
    def open(cls, context: AppContext, host: str) -> HostSession | None:
        """Return a session of a host, or None while another one is open or before a visit is allowed."""
        now = context.now().timestamp()
        lease = context.frontier.lease(host, now, _lease_s(context.settings))
        return cls(context, lease, now + context.settings.fetch_visit_s) if lease else None

    @classmethod
    def wait(cls, context: AppContext, host: str, until: float) -> HostSession:
        """Wait until a host is free and return a session, for a caller who has nothing else to do.

        `until` is a time of the monotonic clock. Raise `FetchFailed` if the host is paused or busy for longer.
        """
        while True:
            now = context.now().timestamp()
            found = context.frontier.lease_or_time(host, now, _lease_s(context.settings))
            if isinstance(found, Lease):
                return cls(context, found, now + context.settings.fetch_visit_s)
            left_s, pause = until - time.monotonic(), context.frontier.pause_of(host)
            if pause and pause.until > now + max(left_s, 0):
                detail = f"{host} is paused for {pause.until - now:.0f} s more, because of {pause.reason}"
                raise FetchFailed(Reason.HOST_PAUSED, detail)
            if left_s <= 0:
                raise FetchFailed(Reason.HOST_BUSY, f"{host} was not free in time. Try again later.")
            time.sleep(min(max(found - now, 0.01), RECHECK_S, left_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, type: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        self.context.frontier.release(self.lease, self.next_at)

    @property
    def host(self) -> str:
        """The host's origin."""
        return self.lease.host

    @property
    def rules(self) -> RobotsRules:
        """The rules of the host's robots.txt, which is fetched at first use unless a fresh copy is cached."""
        if self._rules is None:
            self._rules = self.context.robots.rules(self.host)
            if self._rules.defer_s is not None:
                self.next_at = self.now() + self._rules.defer_s
            elif self._rules.fetch_s is not None:
                self.next_at = self.now() + self._delay_s(self._rules.fetch_s)
        return self._rules

    def now(self) -> float:
        """Return the time in epoch seconds."""
        return self.context.now().timestamp()

    def rest(self) -> bool:
        """Sleep until the next request is allowed. Return False if the host should be visited again later instead."""
        wait_s = self.next_at - self.now()
        if wait_s > MAX_SLEEP_S:
            return False
        if wait_s > 0:
            time.sleep(wait_s)
        return self.now() < self.deadline

    def take(self, n: int = 1) -> list[Job]:
        """Return due jobs of the host; none if the lease was lost."""
        return self.context.frontier.take(self.lease, self.now(), n) or []

    def done(self, *jobs: Job) -> None:
        """Remove jobs that were done or given up from the queue."""
        self.context.frontier.done(self.lease, [job.id for job in jobs])

    def retry(self, job: Job, wait_s: float = 0.0) -> None:
        """Put a job back into the queue, due after so many seconds."""
        self.context.frontier.retry(self.lease, job.id, self.now() + wait_s)

    def check_rules(self, url: str) -> None:
        """Raise `FetchFailed` if robots.txt forbids a URL or cannot be fetched now."""
        if self.rules.defer_s is not None:
            raise FetchFailed(Reason.ROBOTS_AWAY, f"robots.txt of {self.host} cannot be fetched now")
        if not self.rules.allows(url):
            raise FetchFailed(Reason.ROBOTS, f"robots.txt of {self.host} disallows {url}")

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        cut_at_bytes: int | None = None,
        first_try: bool = True,
        needs_page: bool = False,
    ) -> Fetched:
        """Send one request, conditional on the validators that are given. Call `rest` and `check_rules` before.

        Raise `FetchFailed` for an answer without a page, and with `needs_page` for "not modified"; the failure counts
        for the host's breaker.
        """

        def request() -> Fetched:
            fetched = self.context.fetcher.get(url, etag=etag, last_modified=last_modified, cut_at_bytes=cut_at_bytes)
            if needs_page and fetched.status == 304:
                detail = "The host says that the page has not changed, but we have no copy of it."
                raise FetchFailed(Reason.http(304), detail, retry=True)
            return fetched

        fetched = self.send(request, url, first_try)
        self.request_seconds.append(fetched.elapsed_s)
        return fetched

    def send(self, request: Callable[[], T], url: str, first_try: bool = True) -> T:
        """Send any request to the host, and set the time of the next allowed one, even if this one fails."""
        self.next_at = self.now() + self._delay_s(0.0)  # in case the process dies during the request
        start = time.monotonic()
        try:
            answer = request()
        except FetchFailed as e:
            self._end_request(start)
            self._record_failure(e, first_try)
            raise
        except (Unavailable, RedisError):
            raise
        except Exception as e:  # an error in our own code must not repeat the request again and again
            log.exception("Fetching %s failed", url)
            failure = FetchFailed(Reason.FETCH_ERROR, f"{type(e).__name__}: {e}")
            self._end_request(start)
            self._record_failure(failure, first_try)
            raise failure from e
        self._end_request(start)
        self.context.frontier.record_success(self.host)
        return answer

    def _end_request(self, start: float) -> None:
        """Set the time of the next request. A host that answered late, or not at all, gets a longer pause."""
        self.next_at = self.now() + self._delay_s(time.monotonic() - start)

    def _record_failure(self, failure: FetchFailed, first_try: bool) -> None:
        frontier = self.context.frontier
        if not failure.retry:
            if failure.status:  # a 404 shows that the host works
                frontier.record_success(self.host)
            return
        pause = frontier.record_failure(
            self.host, self.now(), failure.reason, failure.retry_after_s, first_try=first_try
        )
        if pause:
            self.next_at = max(self.next_at, pause.until)

    def _delay_s(self, elapsed_s: float) -> float:
        rules = self._rules or RobotsRules(product_token(self.context.settings.fetch_user_agent))
        return delay_s(self.context.settings, self.host, rules, elapsed_s)


def _lease_s(settings: Settings) -> float:
    """Return the seconds of a lease: enough for a visit, a last request that begins at its end, and robots.txt."""
    return settings.fetch_visit_s + 1.5 * settings.fetch_total_timeout_s
