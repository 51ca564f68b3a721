"""One host's turn: fetch what its delay allows, then give the host back with the time it is next allowed.

A turn is one lease; two turns of one host never overlap. A fetch is one request: redirects are not followed. One to
another spelling of the same URL changes the row's address, any other becomes a row of its own; both are fetched in
their own host's turn, so that robots.txt, delay and guard hold for every hop.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from redis.exceptions import RedisError

from worker import urls
from worker.errors import BadInput, FetchFailed, Unavailable
from worker.fetching.politeness import delay_s, retry_wait_s
from worker.fetching.robots import RobotsRules
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Fetched, Outcome, Row, State
from worker.queues.frontier import Job, Lease
from worker.services.articles.takedown import withdraw_rows
from worker.services.context import AppContext
from worker.services.crawl.noindex import asks_not_to_be_listed
from worker.services.crawl.redirects import redirected
from worker.services.intake.submit import enqueue
from worker.services.intake.warc_import import make_page
from worker.services.ledger.crawl_result import crawl_result
from worker.telemetry import crawl_seconds

log = logging.getLogger(__name__)

LONGEST_SLEEP_S = 1.0  # a longer delay is not slept out: the host goes back to the frontier
FULL_SPOOL_S = 1.0
GIVEN_UP_AT_ONCE = 100
VANISHED = (404, 410)


@dataclass(slots=True)
class Turn:
    """What one turn did."""

    host: str
    fetched: int = 0
    finished: int = 0
    spooled: int = 0
    took: dict[str, list[float]] = field(default_factory=lambda: {"fetch": [], "crawl": []})  #: seconds, see timings.py
    next_at: float = 0.0  #: epoch seconds at which the host is next allowed


def host_turn(context: AppContext, host: str, wake_digesters: Callable[[], None]) -> Turn:
    """Fetch due URLs of a host for at most `fetch_turn_s`. Without effect if somebody else has the host's lease.

    `wake_digesters` is called for each page that begins to wait in the spool.
    """
    settings = context.settings
    started = context.now().timestamp()
    turn = Turn(host, next_at=started)
    lease = context.frontier.lease(host, started, settings.fetch_turn_s + 1.5 * settings.fetch_total_timeout_s)
    if lease is None:
        return turn
    try:
        rules = context.robots.rules(host)
        visit = _Visit(context, lease, rules, turn, wake_digesters)
        if rules.defer_s is None:
            if visit.is_welcome():
                visit.run(started + settings.fetch_turn_s)
        else:
            if rules.failures >= settings.fetch_attempts:
                visit.give_up()
            turn.next_at = context.now().timestamp() + rules.defer_s
    finally:
        context.frontier.release(lease, turn.next_at)
        context.telemetry.count(context.now(), fetched=turn.fetched, finished=turn.finished)
        context.telemetry.observe(turn.took)
    return turn


@dataclass(slots=True)
class _Visit:
    """The part of a turn that speaks to the host."""

    context: AppContext
    lease: Lease
    rules: RobotsRules
    turn: Turn
    wake_digesters: Callable[[], None]

    def is_welcome(self) -> bool:
        """Whether the host may be asked for a page in this turn: not if it gave us its robots.txt just now and wants to
        be left in peace after it for longer than is slept."""
        if self.rules.fetch_s is None:
            return True
        delay = self._delay_s(self.rules.fetch_s)
        self.turn.next_at = self._now() + delay
        if delay > LONGEST_SLEEP_S:
            return False
        time.sleep(delay)
        return True

    def run(self, deadline: float) -> None:
        while (now := self._now()) < deadline:
            if self.context.spool.is_full():
                self.turn.next_at = now + FULL_SPOOL_S
                return
            jobs = self.context.frontier.take(self.lease, now, 1)
            if not jobs:  # nothing is due, or the lease was lost
                return
            self.turn.next_at = now + self._delay_s(0.0)  # should what follows break
            delay = self._work_off(jobs[0])
            self.turn.next_at = self._now() + delay
            if delay > LONGEST_SLEEP_S:
                return
            time.sleep(delay)

    def give_up(self) -> None:
        """Settle what is due: a host whose robots.txt cannot be had, try after try, is not there."""
        detail = f"robots.txt of {self.lease.host} could not be had, {self.rules.failures} times: {self.rules.reason}"
        while jobs := self.context.frontier.take(self.lease, self._now(), GIVEN_UP_AT_ONCE):
            for row in self.context.ledger.get([job.id for job in jobs]):
                if row is not None and row.state is State.QUEUED:
                    self._settle(row, Outcome.FAILED, Reason.ROBOTS_UNREACHABLE, detail)
            self.context.frontier.done(self.lease, [job.id for job in jobs])

    def _now(self) -> float:
        return self.context.now().timestamp()

    def _work_off(self, job: Job) -> float:
        """Bring one URL to its next state. Returns the seconds until the host may be asked again."""
        row = self.context.ledger.get([job.id])[0]
        if row is None or row.state is State.FINISHED:
            self._done(job)
            return 0.0
        if row.host != self.lease.host:  # it has moved, and waits in the queue of a host that is none of ours
            self._done(job)
            enqueue(self.context, [row])
            return 0.0
        if job.attempt >= self.context.settings.fetch_attempts:
            detail = f"fetching it ended its process {job.attempt} times"
            return self._end(job, row, Outcome.FAILED, Reason.BREAKS_FETCHER, detail)
        if not self.rules.allows(row.url):
            detail = f"robots.txt of {row.host} disallows this address"
            return self._end(job, row, Outcome.REJECTED, Reason.ROBOTS, detail)
        began = time.monotonic()
        try:
            fetched = self._fetch(row)
        except FetchFailed as failure:
            delay = self._delay_s(time.monotonic() - began)  # a host that answered late, or never, needs rest too
            self._failed(row, job, failure)
            return max(delay, self._strike(job, failure))
        self.context.frontier.record_success(self.lease.host)
        self.turn.fetched += 1
        self.turn.took["fetch"].append(fetched.elapsed_s)
        self._answered(job, row, fetched)
        return self._delay_s(fetched.elapsed_s)

    def _fetch(self, row: Row) -> Fetched:
        """One request. What the host has is asked for only while we have it too: a row without an article of its own
        needs the page itself, or a retry would end as "not changed" and without an article."""
        etag, last_modified = (row.etag, row.last_modified) if row.article_id == row.id else (None, None)
        try:
            fetched = self.context.fetcher.get(row.url, etag=etag, last_modified=last_modified)
        except (FetchFailed, Unavailable, RedisError):
            raise
        except Exception as e:  # a fault of ours must not make us ask the host again and again
            log.exception("Fetching %s failed", row.url)
            raise FetchFailed(Reason.FETCH_ERROR, f"{type(e).__name__}: {e}") from e
        if fetched.status == 304 and not (etag or last_modified):
            detail = "the host says that the page has not changed, but we do not have it"
            raise FetchFailed(Reason.http(304), detail, retry=True)
        return fetched

    def _end(self, job: Job, row: Row, outcome: Outcome, reason: Reason, detail: str) -> float:
        """Settle without a request: the host may be asked at once."""
        self._settle(row, outcome, reason, detail)
        self._done(job)
        return 0.0

    def _delay_s(self, elapsed_s: float) -> float:
        return delay_s(self.context.settings, self.lease.host, self.rules, elapsed_s)

    def _done(self, job: Job) -> None:
        self.context.frontier.done(self.lease, [job.id])

    def _answered(self, job: Job, row: Row, fetched: Fetched) -> None:
        """Settle what needs no reading; put the rest into the spool and say so."""
        if fetched.location and _identity(fetched.location) == row.id:
            self._moved(job, row, fetched.location)
            return
        if fetched.status == 304 and self.context.index.get([row.id]) == [None]:
            self._ask_for_all(job, row)
            return
        if fetched.status == 304:
            detail = "the host says that it has not changed"
            self._settle(row, Outcome.UNCHANGED, Reason.http(304), detail, http_status=304, gone=False)
        elif fetched.location:
            self._end_by(row, redirected(self.context, row, fetched.location, fetched.status))
        elif asks_not_to_be_listed(self.context.settings, fetched):
            self._unlist(row, fetched)
        else:
            self.context.spool.put(make_page(row, fetched, self._archive(fetched)))
            self.turn.spooled += 1
            self.wake_digesters()
        self._done(job)

    def _ask_for_all(self, job: Job, row: Row) -> None:
        """The index has lost the article: next time the page itself is asked for."""
        self.context.ledger.update_content_hash([replace(row, content_hash=None, etag=None, last_modified=None)])
        self.context.frontier.retry(self.lease, job.id, self._now())

    def _unlist(self, row: Row, fetched: Fetched) -> None:
        """The page asks not to be listed. If it did not before, its article goes."""
        detail = "the page asks not to be listed"
        if row.article_id == row.id:
            withdraw_rows(self.context, [row])
            self.context.ledger.tombstone([row.id], self.context.now(), reason=Reason.NOINDEX, detail=detail)
            self.turn.finished += 1
        else:
            self._settle(row, Outcome.REJECTED, Reason.NOINDEX, detail, http_status=fetched.status)

    def _moved(self, job: Job, row: Row, location: str) -> None:
        """Another spelling of the same address: the row is fetched by it from now on, in its own host's turn."""
        target = urls.target(location)
        self._done(job)
        if row.hops >= self.context.settings.fetch_max_redirects or target.url == row.url:
            detail = f"redirects to itself again and again, the last time to {location}"
            self._settle(row, Outcome.FAILED, Reason.REDIRECT_LOOP, detail)
        elif moved := self.context.ledger.move(row.id, row.crawl, target.url, target.host):
            enqueue(self.context, [moved])

    def _archive(self, fetched: Fetched) -> str | None:
        """Where the raw answer was kept. A disk that takes nothing more must not make us ask the host again."""
        if not self.context.settings.archive:
            return None
        try:
            return self.context.archive.write(fetched)
        except Unavailable as e:
            log.error("%s is not archived: %s", fetched.url, e)
            return None

    def _failed(self, row: Row, job: Job, failure: FetchFailed) -> None:
        settings = self.context.settings
        if failure.retry and job.attempt + 1 < settings.fetch_attempts:
            wait = retry_wait_s(settings, job.attempt, failure.retry_after_s)
            log.info("%s: %s; trying again in %.0f s", row.url, failure.detail, wait)
            self.context.frontier.retry(self.lease, job.id, self._now() + wait)
            return
        outcome = Outcome.REJECTED if failure.rejected else Outcome.FAILED
        gone = True if failure.status in VANISHED and row.article_id == row.id else None
        self._settle(row, outcome, failure.reason, failure.detail, http_status=failure.status, gone=gone)
        self._done(job)

    def _strike(self, job: Job, failure: FetchFailed) -> float:
        """Seconds for which the host as a whole is left alone, if this is a failure of the host's."""
        frontier, host, now = self.context.frontier, self.lease.host, self._now()
        if not failure.retry:
            if failure.status:  # a 404 shows that the host is well
                frontier.record_success(host)
            return 0.0
        first_try = job.attempt == 0
        pause = frontier.record_failure(host, now, failure.reason, failure.retry_after_s, first_try=first_try)
        return pause.until - now if pause else 0.0

    def _settle(self, row: Row, outcome: Outcome, reason: Reason, detail: str, **more: Any) -> None:
        self._end_by(row, crawl_result(self.context, row, outcome, reason, detail, **more))

    def _end_by(self, row: Row, ended: CrawlResult) -> None:
        if self.context.ledger.finish([ended]) == [True]:
            self.turn.finished += 1
            self.turn.took["crawl"] += crawl_seconds(row, ended)


def _identity(url: str) -> str | None:
    try:
        return urls.url_id(urls.canonicalize(url))
    except BadInput:
        return None
