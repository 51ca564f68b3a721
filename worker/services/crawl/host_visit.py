"""A host visit: do the due jobs of one host as its delay allows, then release the host.

A visit is one lease; two visits of a host never overlap. A redirect is not followed: one to another spelling of the
same URL changes the row's URL, any other target becomes a row of its own. Both are fetched in a visit of their own
host, so that robots.txt, delay and address checks apply to each hop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from worker import urls
from worker.errors import BadInput, FetchFailed, Unavailable
from worker.fetching.politeness import retry_wait_s
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Fetched, Outcome, Row, State
from worker.queues.frontier import Job
from worker.services.articles.takedown import withdraw_rows
from worker.services.context import AppContext
from worker.services.crawl.host_session import HostSession
from worker.services.crawl.jobs import SourceJob, parse_job
from worker.services.crawl.noindex import forbids_indexing
from worker.services.crawl.redirects import redirected
from worker.services.intake.submit import enqueue
from worker.services.intake.warc_import import make_page
from worker.services.ledger.lifecycle import crawl_result
from worker.services.sources.visits import fail_visit, visit_source
from worker.services.sources.websub import request_subscription
from worker.telemetry import crawl_seconds

log = logging.getLogger(__name__)

FULL_SPOOL_S = 1.0
GIVE_UP_BATCH = 100
GONE_STATUSES = (404, 410)


@dataclass(slots=True)
class HostVisit:
    """The result of one visit."""

    host: str
    fetched: int = 0
    finished: int = 0
    spooled: int = 0
    crawl_seconds: list[float] = field(default_factory=list)  #: from queued to finished, of each finished row
    next_at: float = 0.0  #: epoch seconds at which the host may be visited again


def visit_host(context: AppContext, host: str, wake_digesters: Callable[[], None]) -> HostVisit:
    """Do due jobs of a host for at most `fetch_visit_s`. Do nothing if another worker has the host's lease.

    `wake_digesters` is called for each page that is put into the spool.
    """
    visit = HostVisit(host, next_at=context.now().timestamp())
    session = HostSession.open(context, host)
    if session is None:
        return visit
    try:
        with session:
            _Visitor(context, session, visit, wake_digesters).run()
    finally:
        visit.next_at = session.next_at
        context.telemetry.count(context.now(), fetched=visit.fetched, finished=visit.finished)
        context.telemetry.observe({"fetch": session.request_seconds, "crawl": visit.crawl_seconds})
    return visit


@dataclass(slots=True)
class _Visitor:
    """Does the jobs of one visit."""

    context: AppContext
    session: HostSession
    visit: HostVisit
    wake_digesters: Callable[[], None]

    def run(self) -> None:
        while self.session.rest():
            jobs = self.session.take()
            if not jobs or not self._do(jobs[0]):
                return

    def _do(self, job: Job) -> bool:
        """Do one job. Return False if the visit must end first; the job then waits in the queue as before."""
        other = parse_job(job.id)
        if isinstance(other, SourceJob):
            if job.attempt < self.context.settings.fetch_attempts:
                visit_source(self.context, self.session, other)
            else:
                detail = f"The process ended {job.attempt} times while it visited this source."
                fail_visit(self.context, other, Reason.BREAKS_FETCHER, detail)
            self.session.done(job)
        elif other:
            request_subscription(self.context, self.session, other.name)
            self.session.done(job)
        elif self.context.spool.is_full():  # only URLs need it: a feed must be read before it drops its oldest entries
            self.session.next_at = self.session.now() + FULL_SPOOL_S
            return False
        else:
            row = self.context.ledger.get([job.id])[0]
            if row is None or row.state is State.FINISHED:
                self.session.done(job)
            elif row.host != self.session.host:  # it has moved to the queue of another host
                self.session.done(job)
                enqueue(self.context, [row])
            else:
                return self._crawl(job, row)
        return True

    def _crawl(self, job: Job, row: Row) -> bool:
        """Bring one URL to its next state. Return False if robots.txt does not let it be fetched in this visit."""
        rules, attempts = self.session.rules, self.context.settings.fetch_attempts
        if rules.defer_s is not None:
            if rules.failures >= attempts:
                self._give_up(job)
            return False
        if job.attempt >= attempts:
            detail = f"The process ended {job.attempt} times while it fetched this URL."
            self._finish(row, Outcome.FAILED, Reason.BREAKS_FETCHER, detail)
            self.session.done(job)
        elif not rules.allows(row.url):
            self._finish(row, Outcome.REJECTED, Reason.ROBOTS, f"robots.txt of {row.host} disallows this URL")
            self.session.done(job)
        elif not self.session.rest():  # robots.txt was fetched just now
            return False
        else:
            self._fetch(job, row)
        return True

    def _give_up(self, job: Job) -> None:
        """Finish all due URLs of a host whose robots.txt could not be fetched in so many tries."""
        rules = self.session.rules
        detail = f"robots.txt of {self.session.host} could not be fetched in {rules.failures} tries: {rules.reason}"
        jobs: Sequence[Job] = [job]
        while jobs:
            given_up = [j for j in jobs if parse_job(j.id) is None]
            for row in self.context.ledger.get([j.id for j in given_up]):
                if row is not None and row.state is State.QUEUED:
                    self._finish(row, Outcome.FAILED, Reason.ROBOTS_UNREACHABLE, detail)
            self.session.done(*given_up)
            jobs = self.session.take(GIVE_UP_BATCH)

    def _fetch(self, job: Job, row: Row) -> None:
        try:
            fetched = self._request(job, row)
        except FetchFailed as failure:
            self._fail(job, row, failure)
            return
        self.visit.fetched += 1
        if fetched.location and _id_of(fetched.location) == row.id:
            self._move(job, row, fetched.location)
        elif fetched.status == 304 and self.context.index.get([row.id]) == [None]:
            self._request_whole_page(job, row)
        else:
            self._handle(row, fetched)
            self.session.done(job)

    def _request(self, job: Job, row: Row) -> Fetched:
        """Send the request. It is conditional only if the row has an article of its own.

        A row without one needs the page itself: after "not modified" it would still have no article.
        """
        etag, last_modified = (row.etag, row.last_modified) if row.article_id == row.id else (None, None)
        first_try, needs_page = job.attempt == 0, not (etag or last_modified)
        return self.session.get(
            row.url, etag=etag, last_modified=last_modified, first_try=first_try, needs_page=needs_page
        )

    def _handle(self, row: Row, fetched: Fetched) -> None:
        """Finish the row if the page need not be read; else put the page into the spool."""
        if fetched.status == 304:
            detail = "The host says that the page has not changed."
            self._finish(row, Outcome.UNCHANGED, Reason.http(304), detail, http_status=304, gone=False)
        elif fetched.location:
            self._record(row, redirected(self.context, row, fetched.location, fetched.status))
        elif forbids_indexing(self.context.settings, fetched):
            self._remove_from_index(row, fetched)
        else:
            self.context.spool.put(make_page(row, fetched, self._archive(fetched)))
            self.visit.spooled += 1
            self.wake_digesters()

    def _request_whole_page(self, job: Job, row: Row) -> None:
        """Forget the validators, because the index has lost the article; the next request is not conditional."""
        self.context.ledger.update_content_hash([replace(row, content_hash=None, etag=None, last_modified=None)])
        self.session.retry(job)

    def _remove_from_index(self, row: Row, fetched: Fetched) -> None:
        """Reject a page that forbids indexing, and delete its article if it has one."""
        detail = "The page forbids indexing (noindex)."
        if row.article_id == row.id:
            withdraw_rows(self.context, [row])
            self.context.ledger.tombstone([row.id], self.context.now(), reason=Reason.NOINDEX, detail=detail)
            self.visit.finished += 1
        else:
            self._finish(row, Outcome.REJECTED, Reason.NOINDEX, detail, http_status=fetched.status)

    def _move(self, job: Job, row: Row, location: str) -> None:
        """Let the row be fetched by another spelling of its URL from now on, in a visit of that URL's host."""
        target = urls.target(location)
        self.session.done(job)
        if row.hops >= self.context.settings.fetch_max_redirects or target.url == row.url:
            detail = f"The URL redirects to itself again and again, the last time to {location}"
            self._finish(row, Outcome.FAILED, Reason.REDIRECT_LOOP, detail)
        elif moved := self.context.ledger.move(row.id, row.crawl, target.url, target.host):
            enqueue(self.context, [moved])

    def _archive(self, fetched: Fetched) -> str | None:
        """Store the raw response and return its archive position. A full disk must not cause a second request."""
        if not self.context.settings.archive:
            return None
        try:
            return self.context.archive.write(fetched)
        except Unavailable as e:
            log.error("Page not archived: %s: %s", fetched.url, e)
            return None

    def _fail(self, job: Job, row: Row, failure: FetchFailed) -> None:
        """Let the URL be tried again later, or finish its row."""
        settings = self.context.settings
        if failure.retry and job.attempt + 1 < settings.fetch_attempts:
            wait_s = retry_wait_s(settings, job.attempt, failure.retry_after_s)
            log.info("%s: %s; trying again in %.0f s", row.url, failure.detail, wait_s)
            self.session.retry(job, wait_s)
            return
        outcome = Outcome.REJECTED if failure.rejected else Outcome.FAILED
        gone = True if failure.status in GONE_STATUSES and row.article_id == row.id else None
        self._finish(row, outcome, failure.reason, failure.detail, http_status=failure.status, gone=gone)
        self.session.done(job)

    def _finish(self, row: Row, outcome: Outcome, reason: Reason, detail: str, **more: Any) -> None:
        self._record(row, crawl_result(self.context, row, outcome, reason, detail, **more))

    def _record(self, row: Row, result: CrawlResult) -> None:
        if self.context.ledger.finish([result]) == [True]:
            self.visit.finished += 1
            self.visit.crawl_seconds += crawl_seconds(row, result)


def _id_of(url: str) -> str | None:
    try:
        return urls.url_id(urls.canonicalize(url))
    except BadInput:
        return None
