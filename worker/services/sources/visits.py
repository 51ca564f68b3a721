"""Visits of sources: fetch a source, queue the articles that it lists, and decide when it is due again.

A due source becomes a job in its host's queue, so that a host visit fetches it with the host's delay and no thread
waits for it. A redirect to another host continues as a job of that host, a large tree of sitemaps in the next visit.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from worker import urls
from worker.discovery import feeds, schedule, websub
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.sitemap_tree import SitemapValidators, SitemapWalk
from worker.discovery.source_history import SourceHistory, SourceVisit, fingerprint
from worker.errors import BadInput, CopydeskError, FetchFailed, Unavailable, Unreadable
from worker.model.catalog import Source, SourceKind
from worker.model.reasons import Reason
from worker.model.records import Fetched
from worker.queues.frontier import FIRST
from worker.services.context import AppContext
from worker.services.crawl.host_session import HostSession
from worker.services.crawl.jobs import SourceJob
from worker.services.crawl.source_fetch import ContinueLater, FetchPage, ImmediateFetch, VisitFetch
from worker.services.intake.feed_hints import add_found
from worker.services.intake.submit import Added
from worker.services.sources import link_learning
from worker.services.sources import websub as subscriptions
from worker.services.sources.page_links import article_links, detect_kind, recent_links
from worker.services.sources.sitemap_walk import walk_part

log = logging.getLogger(__name__)

CLAIM_S = 900.0  # seconds after which an unrecorded visit counts as lost and its source is due again
NEXT_PART_S = 5.0  # seconds until the next part of a tree of sitemaps is due


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitResult:
    """The result of one visit of a source."""

    listed: int = 0
    answers: tuple[Added, ...] = ()
    problem: str | None = None
    is_unchanged: bool = False
    more: bool = False  #: True if the tree of sitemaps continues in the next visit

    @property
    def new(self) -> int:
        """The number of URLs that were new."""
        return sum(a.verdict == "created" for a in self.answers)


@dataclass(slots=True)
class _Content:
    """The content of a source, and what to remember for its next visit."""

    links: list[DiscoveredLink] = field(default_factory=list)
    named: int = 0  #: number of pages that sitemaps list, including those skipped as unchanged
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False
    learned: Mapping[str, Any] | None = None
    cursor: Mapping[str, Any] | None = None
    more: bool = False


def queue_due(context: AppContext, limit: int) -> int:
    """Claim due sources and put a job for each into its host's queue, before all URLs. Return their number.

    A source whose URL is not valid any more gets a failed visit, so that it does not stop the others.
    """
    jobs = []
    for source in claim_due(context, limit):
        try:
            host = _next_host(source)
        except BadInput as e:
            log.warning("Source %s: %s", source.name, e)
            _fail(context, source, Reason.BAD_URL, str(e))
            continue
        # A job of an earlier claim may still wait for a slow host.
        context.frontier.remove(host, SourceJob(source.name, source.claim - 1).id)
        jobs.append((host, SourceJob(source.name, source.claim).id))
    context.frontier.push(jobs, due=FIRST)
    return len(jobs)


def claim_due(context: AppContext, limit: int) -> list[Source]:
    """Claim due sources and return them. No other caller gets the same source."""
    return context.catalog.sources.claim_due(context.now(), limit, CLAIM_S)


def visit_source(context: AppContext, session: HostSession, job: SourceJob) -> VisitResult | None:
    """Do a source's job in a host visit.

    Return None if the claim is not valid any more, or if the visit goes on as another job.
    """
    source = context.catalog.sources.begin(job.name, job.claim, context.now(), CLAIM_S)
    if source is None:
        return None
    try:
        result = crawl(context, source, VisitFetch(session, job.url, job.hops))
    except ContinueLater as e:
        again = SourceJob(source.name, source.claim, e.url, e.hops)
        context.frontier.push([(urls.target(e.url).host, again.id)], due=FIRST)
        return None
    if result.problem:
        log.warning("Source %s: %s", source.name, result.problem)
    return result


def fail_visit(context: AppContext, job: SourceJob, reason: Reason, problem: str) -> None:
    """Record a failed visit of a source whose job is given up."""
    source = context.catalog.sources.begin(job.name, job.claim, context.now(), CLAIM_S)
    if source is not None:
        log.warning("Source %s: %s", source.name, problem)
        _fail(context, source, reason, problem)


def crawl_now(context: AppContext, name: str) -> VisitResult:
    """Visit a source at once, whether it is due or not, and wait for its host."""
    source = context.catalog.sources.claim(name, context.now(), CLAIM_S, force=True)
    if source is None:
        raise BadInput(f"Unknown source: {name!r}. To see all names, run: copydesk sources list")
    return crawl(context, source, ImmediateFetch(context))


def crawl(context: AppContext, source: Source, fetch: FetchPage | None = None) -> VisitResult:
    """Visit a claimed source, queue its articles, and record the visit.

    A problem of the site is a failed visit, not an error. So is an error of our own while the source is read: otherwise
    the source would be visited again and again without counting as failing. Raise `Unavailable` or `RedisError` if a
    store does not answer, and `ContinueLater` if `fetch` does: then nothing is recorded.
    """
    history = SourceHistory.from_dict(source.history)
    now = context.now().timestamp()
    try:
        content = _fetch(context, source, history, fetch or ImmediateFetch(context))
        answers = add_found(context, recent_links(context, content.links), source=source.name)
        visit = _visit(now, content, answers)
    except (FetchFailed, Unreadable, BadInput) as e:
        return _fail(context, source, e.reason if isinstance(e, FetchFailed) else Reason.UNREADABLE, str(e))
    except (Unavailable, RedisError, ContinueLater):
        raise
    except Exception as e:
        log.exception("Crawling the source %s failed", source.name)
        return _fail(context, source, Reason.CRAWL_ERROR, f"{type(e).__name__}: {e}")
    _record(context, source, history.with_visit(visit), content)
    return VisitResult(
        listed=len(content.links), answers=tuple(answers), is_unchanged=content.not_modified, more=content.more
    )


def crawl_once(context: AppContext, url: str, *, source: str = "") -> VisitResult:
    """Visit a URL that is not a source: queue its articles, and remember nothing.

    Of a tree of sitemaps only the newest parts are read; `more` is True if there are others.
    """
    fetch, more = ImmediateFetch(context), False
    links: Sequence[DiscoveredLink]
    try:
        fetched = fetch(url)
        kind = detect_kind(fetched)
        if kind is SourceKind.SITEMAP:
            part = walk_part(fetch, SitemapWalk.begin([url]), SitemapValidators(), context.now().timestamp())
            links, more = recent_links(context, part.pages), part.more
        else:
            links = article_links(kind, fetched)
    except Unreadable as e:
        raise BadInput(f"{url} lists no articles that can be read: {e}") from None
    except FetchFailed as e:
        raise CopydeskError(f"{url} cannot be crawled: {e}") from None
    answers = add_found(context, links, source=source or urls.site(url))
    return VisitResult(listed=len(links), answers=tuple(answers), more=more)


def _next_host(source: Source) -> str:
    """Return the host of the next request: of a tree of sitemaps, that of the sitemap at which the walk goes on."""
    pending = source.cursor.get("walk", {}).get("pending") or [source.url]
    try:
        return urls.target(pending[0]).host
    except BadInput:
        return urls.target(source.url).host


def _fetch(context: AppContext, source: Source, history: SourceHistory, fetch: FetchPage) -> _Content:
    if source.kind is SourceKind.SITEMAP:
        return _walk_sitemaps(context, source, fetch)
    etag, last_modified = history.validators(context.now().timestamp())
    fetched = fetch(source.url, etag=etag, last_modified=last_modified)
    content = _Content(
        etag=fetched.headers.get("etag"),
        last_modified=fetched.headers.get("last-modified"),
        not_modified=fetched.status == 304,
    )
    if content.not_modified:
        return content
    if source.kind is SourceKind.SECTION:
        _read_section(context, source, fetched, content)
    else:
        feed = feeds.parse(fetched.body, fetched.url, fetched.content_type)
        content.links += feed.links
        subscriptions.subscribe(context, source, websub.find_hub(feed, fetched))
    return content


def _read_section(context: AppContext, source: Source, fetched: Fetched, content: _Content) -> None:
    learned, until = link_learning.learn(context, source)
    content.links += article_links(source.kind, fetched, learned)
    content.learned, content.cursor = learned.counts, link_learning.cursor(content.links, until)


def _walk_sitemaps(context: AppContext, source: Source, fetch: FetchPage) -> _Content:
    """Read the next part of a tree of sitemaps. The cursor has the position of the walk.

    A new walk skips pages and sitemaps that have not changed since the last one began.
    """
    cursor, now = source.cursor, context.now().timestamp()
    if cursor.get("walk"):
        began, walk = cursor.get("began"), SitemapWalk.from_dict(cursor["walk"])
    else:
        began, walk = now, SitemapWalk.begin([source.url], since=cursor.get("since"))
    part = walk_part(fetch, walk, SitemapValidators(cursor.get("validators", {})), now)
    position = {"walk": part.walk.as_dict(), "began": began, "since": cursor.get("since")}
    return _Content(
        links=list(part.pages),
        named=part.named,
        not_modified=part.unchanged > 0 and part.named == 0,
        cursor={**(position if part.more else {"since": began}), "validators": part.validators.kept},
        more=part.more,
    )


def _visit(at: float, content: _Content, answers: Sequence[Added]) -> SourceVisit:
    return SourceVisit(
        at=at,
        not_modified=content.not_modified,
        listed=content.named or len(content.links),
        new=sum(a.verdict == "created" for a in answers),
        etag=content.etag,
        last_modified=content.last_modified,
        fingerprint=fingerprint(content.links),
    )


def _fail(context: AppContext, source: Source, reason: Reason, problem: str) -> VisitResult:
    """Record a failed visit, and nothing of its content: its links may not be queued, so the next visit repeats it."""
    visit = SourceVisit(at=context.now().timestamp(), failed=reason)
    _record(context, source, SourceHistory.from_dict(source.history).with_visit(visit), _Content())
    return VisitResult(problem=problem)


def _record(context: AppContext, source: Source, history: SourceHistory, content: _Content) -> None:
    now = context.now()
    due = schedule.parse(source.schedule).next_at(history, now.timestamp())
    if content.more:
        due = now.timestamp() + NEXT_PART_S
    context.catalog.sources.record(
        source,
        history=history.as_dict(),
        next_due_at=datetime.fromtimestamp(due, UTC),
        hurried_at=now + subscriptions.MIN_VISIT_INTERVAL,
        learned=content.learned,
        cursor=content.cursor,
    )
