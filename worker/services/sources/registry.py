"""Sources: what is crawled again and again. Each crawl queues what the source lists and decides when it is due next."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Any

from redis.exceptions import LockError, RedisError

from worker import urls
from worker.discovery import feeds, schedule, websub
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.sitemap_tree import SitemapValidators, SitemapWalk
from worker.discovery.source_history import SourceHistory, SourceVisit, fingerprint
from worker.errors import BadInput, CopydeskError, FetchFailed, Unavailable, Unreadable
from worker.model.catalog import Source, SourceKind
from worker.model.reasons import Reason
from worker.model.records import Fetched
from worker.services.context import AppContext
from worker.services.crawl.polite_fetch import kind_of, listed, recent, visit
from worker.services.intake.feed_hints import add_found
from worker.services.intake.submit import Added
from worker.services.sources import link_learning, names
from worker.services.sources import websub as pushing
from worker.services.sources.sitemap_walk import longest_s, walk_on

log = logging.getLogger(__name__)

CLAIM_S = 900.0  # a crawl that takes longer has died: the source is due again
AILING = ("failing", "empty", "silent")
SOON_S = 5.0  # until a sitemap crawl that is done in parts goes on
NEXT_TURN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What one crawl of a source came to."""

    listed: int = 0
    answers: tuple[Added, ...] = ()
    problem: str | None = None
    is_unchanged: bool = False
    more: bool = False  #: a sitemap crawl goes on with the next visit

    @property
    def new(self) -> int:
        return sum(a.verdict == "created" for a in self.answers)


@dataclass(slots=True)
class _Crawl:
    """One crawl under way: what the source named, and what is to be remembered."""

    found: list[DiscoveredLink] = field(default_factory=list)
    named: int = 0  #: by sitemaps, what was left out as unchanged included
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False
    learned: Mapping[str, Any] | None = None
    cursor: Mapping[str, Any] | None = None
    more: bool = False


def register(
    context: AppContext,
    url: str,
    *,
    name: str = "",
    kind: SourceKind | None = None,
    every: str = "",
    paused: bool = False,
    known: dict[str, str] | None = None,
) -> Source:
    """Add a source. Without a kind the address is fetched to see what lies there. `BadInput` for an address that is
    crawled already, a name that is taken or none (`source_names`), or a schedule that is none. Who adds many gives the
    `addresses` that are known, and finds the new one in them."""
    every = every or context.settings.source_schedule
    schedule.parse(every)
    url = urls.clean(url)
    known = addresses(context) if known is None else known
    if other := crawler_of(url, known):
        raise BadInput(f"the source {other!r} crawls this address already; see: copydesk sources show {quote(other)}")
    source = Source(
        name=names.check(name or names.default(url, known)),
        url=url,
        kind=kind or kind_of(visit(context, url)),
        schedule=every,
        paused=paused,
        created_at=context.now(),
        next_due_at=context.now(),
    )
    context.catalog.sources.add(source)
    known[source.name] = _identity(url)
    return source


def addresses(context: AppContext) -> dict[str, str]:
    """Which source crawls what: by name, what all spellings of its address share."""
    return {s.name: _identity(s.url) for s in context.catalog.sources.all()}


def crawler_of(url: str, known: Mapping[str, str]) -> str | None:
    """The name of the source that crawls this address, of those in `addresses`. `BadInput` for what is no address."""
    identity = _identity(url)
    return next((name for name, other in known.items() if other == identity), None)


def _identity(url: str) -> str:
    return urls.url_id(urls.canonicalize(url))


def claim_due(context: AppContext, limit: int) -> list[Source]:
    """Sources whose time has come, each for this caller alone."""
    return context.catalog.sources.claim_due(context.now(), limit, CLAIM_S)


def crawl_claimed(context: AppContext, name: str, claim: int) -> Crawled | None:
    """Take up a claim that came as a message, and crawl. None where that is another's by now, since messages may come
    twice; and while another source of its host is crawled: it is then due again in a moment, or a slow site with many
    sources would have all threads that fetch wait for it."""
    source = context.catalog.sources.begin(name, claim, context.now(), CLAIM_S)
    if source is None:
        return None
    turn = context.redis.lock(
        context.keys.prefix + ":crawl:" + urls.target(source.url).host, timeout=longest_s(context.settings)
    )
    if not turn.acquire(blocking=False):
        later = context.now() + NEXT_TURN
        context.catalog.sources.record(source, history=source.history, next_due_at=later, hurried_at=later)
        return None
    try:
        return crawl(context, source)
    finally:
        with suppress(LockError):  # it took longer than anything should
            turn.release()


def crawl_now(context: AppContext, name: str) -> Crawled:
    """One source, due or not."""
    claimed = context.catalog.sources.claim(name, context.now(), CLAIM_S, force=True)
    if claimed is None:
        raise BadInput(f"Unknown source: {name!r}. To see all names, run: copydesk sources list")
    return crawl(context, claimed)


def crawl(context: AppContext, source: Source) -> Crawled:
    """Visit a claimed source, queue what it lists, and record how it went. Never raises for what the site does; where
    what it sends meets a fault of ours, that is a failed visit too, or the source would be visited for ever and never
    be seen to fail."""
    history = SourceHistory.from_dict(source.history)
    now = context.now().timestamp()
    crawl = _Crawl()
    try:
        _visit(context, source, history, crawl)
        answers = add_found(context, recent(context, crawl.found), source=source.name)
        seen = _seen(now, crawl, answers)
    except (FetchFailed, Unreadable, BadInput) as e:
        reason = e.reason if isinstance(e, FetchFailed) else Reason.UNREADABLE
        return _failed(context, source, history.with_visit(SourceVisit(at=now, failed=reason)), str(e))
    except (Unavailable, RedisError):
        raise
    except Exception as e:
        log.exception("Crawling the source %s failed", source.name)
        return _failed(
            context,
            source,
            history.with_visit(SourceVisit(at=now, failed=Reason.CRAWL_ERROR)),
            f"{type(e).__name__}: {e}",
        )
    _record(context, source, history.with_visit(seen), crawl)
    return Crawled(
        listed=len(crawl.found),
        answers=tuple(answers),
        is_unchanged=crawl.not_modified,
        more=crawl.more,
    )


def _seen(at: float, crawl: _Crawl, answers: Sequence[Added]) -> SourceVisit:
    return SourceVisit(
        at=at,
        not_modified=crawl.not_modified,
        listed=crawl.named or len(crawl.found),
        new=sum(a.verdict == "created" for a in answers),
        etag=crawl.etag,
        last_modified=crawl.last_modified,
        fingerprint=fingerprint(crawl.found),
    )


def _failed(context: AppContext, source: Source, history: SourceHistory, problem: str) -> Crawled:
    """Nothing else of such a visit is remembered: what it named may not be queued, so the next begins where it did."""
    _record(context, source, history, _Crawl())
    return Crawled(problem=problem)


def _visit(context: AppContext, source: Source, history: SourceHistory, crawl: _Crawl) -> None:
    if source.kind is SourceKind.SITEMAP:
        _visit_sitemaps(context, source, crawl)
        return
    etag, last_modified = history.validators(context.now().timestamp())
    fetched = visit(context, source.url, etag=etag, last_modified=last_modified)
    crawl.not_modified = fetched.status == 304
    crawl.etag, crawl.last_modified = fetched.headers.get("etag"), fetched.headers.get("last-modified")
    if crawl.not_modified:
        return
    if source.kind is SourceKind.SECTION:
        _visit_section(context, source, fetched, crawl)
    else:
        feed = feeds.parse(fetched.body, fetched.url, fetched.content_type)
        crawl.found += feed.links
        pushing.subscribe(context, source, websub.find_hub(feed, fetched))


def _visit_section(context: AppContext, source: Source, fetched: Fetched, crawl: _Crawl) -> None:
    learned, until = link_learning.learn(context, source)
    crawl.found += listed(source.kind, fetched, learned)
    crawl.learned, crawl.cursor = learned.counts, link_learning.cursor(crawl.found, until)


def _visit_sitemaps(context: AppContext, source: Source, crawl: _Crawl) -> None:
    """Part of a tree of sitemaps: where the walk stands is kept in the cursor, so a long one is crawled bit by bit and
    goes on where it stood. A new walk leaves out what has not changed since the last one began."""
    cursor = source.cursor
    if cursor.get("walk"):
        began, walk = cursor.get("began"), SitemapWalk.from_dict(cursor["walk"])
    else:
        began, walk = context.now().timestamp(), SitemapWalk.begin([source.url], since=cursor.get("since"))
    walked = walk_on(context, walk, SitemapValidators(cursor.get("validators", {})))
    crawl.found += walked.pages
    crawl.named, crawl.more = walked.named, walked.more
    crawl.not_modified = walked.unchanged > 0 and walked.named == 0
    going_on = {"walk": walked.walk.as_dict(), "began": began, "since": cursor.get("since")}
    crawl.cursor = {**(going_on if crawl.more else {"since": began}), "validators": walked.validators.kept}


def _record(context: AppContext, source: Source, history: SourceHistory, crawl: _Crawl) -> None:
    now = context.now()
    due = schedule.parse(source.schedule).next_at(history, now.timestamp())
    if crawl.more:
        due = now.timestamp() + SOON_S
    context.catalog.sources.record(
        source,
        history=history.as_dict(),
        next_due_at=datetime.fromtimestamp(due, UTC),
        hurried_at=now + pushing.LEAST_VISIT,
        learned=crawl.learned,
        cursor=crawl.cursor,
    )


def remove(context: AppContext, name: str) -> bool:
    """Forget a source; its articles stay. False where there is none of that name."""
    pushing.leave(context, name)
    return context.catalog.sources.remove(name)


def health(context: AppContext, source: Source) -> str:
    """By its own habits: "ok", "failing", "empty", "silent", "unknown", or "paused"."""
    if source.paused:
        return "paused"
    history, now = SourceHistory.from_dict(source.history), context.now().timestamp()
    found = history.health(now)
    if found == "silent" and (pushed := pushing.last_push(context, source.name)):  # a hub leaves nothing new to visits
        return replace(history, last_new_at=max(pushed.timestamp(), history.last_new_at or 0.0)).health(now)
    return found


def ailing(context: AppContext) -> dict[str, str]:
    """Sources that need a look, by name, with what ails them: "failing", "empty" or "silent"."""
    found = {s.name: health(context, s) for s in context.catalog.sources.all()}
    return {name: what for name, what in found.items() if what in AILING}


def crawl_once(context: AppContext, url: str, *, source: str = "") -> Crawled:
    """Crawl an address that is no source: queue what it lists now, and remember nothing of it. Of a tree of sitemaps,
    the newest parts; `more` tells that there were others."""
    crawl = _Crawl()
    try:
        fetched = visit(context, url)
        kind = kind_of(fetched)
        if kind is SourceKind.SITEMAP:
            walked = walk_on(context, SitemapWalk.begin([url]), SitemapValidators())
            crawl.found, crawl.more = recent(context, walked.pages), walked.more
        else:
            crawl.found += listed(kind, fetched)
    except Unreadable as e:
        raise BadInput(f"{url} lists no articles that can be read: {e}") from None
    except FetchFailed as e:
        raise CopydeskError(f"{url} cannot be crawled: {e}") from None
    answers = add_found(context, crawl.found, source=source or urls.site(url))
    return Crawled(listed=len(crawl.found), answers=tuple(answers), more=crawl.more)
