"""The content of the queue page: states, reasons, failing and paused hosts, queues, recent rates, health of sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.exceptions import RedisError

from worker.discovery.source_history import SourceHistory
from worker.model.catalog import Source
from worker.model.query import Query
from worker.model.records import Outcome, Row, State
from worker.queues.frontier import Pause
from worker.redis_keys import CELERY_QUEUES
from worker.services.context import AppContext
from worker.services.sources.registry import health

STATES = ("queued", *(outcome.value for outcome in Outcome))
HEALTH_ORDER = ("failing", "empty", "silent", "unknown", "ok", "paused")
RECENT_FAILURES = 500  #: failed rows over which the failing hosts are counted
MAX_ROWS = 10  #: maximum number of rows in each list on the page
MAX_SOURCES = 50
MAX_COUNTED_SOURCES = 1000  #: sources and clients whose articles are counted
BAR_WIDTH = 1000  #: width of the bar of states, in units of its drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class StateShare:
    """A state or outcome, and its part of the bar."""

    name: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedHost:
    """A host that is paused after failures."""

    host: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source with its health, or a client that queues URLs (cli, api …)."""

    name: str
    articles: int
    health: str | None = None  #: None for a client
    next_due_at: datetime | None = None
    failures: int = 0  #: failed visits in a row
    failed: str | None = None  #: reason of the last failure, until a visit succeeds


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerStatus:
    """The state of the queues in Redis. Redis may be down while the ledger and the index answer."""

    rates: Mapping[str, int]  #: events of the last minute, by kind
    frontier: Mapping[str, int]
    spool: Mapping[str, int]
    messages: Mapping[str, int]  #: number of messages, by Celery queue
    paused: tuple[PausedHost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """The content of the queue page."""

    at: datetime
    total: int
    shares: tuple[StateShare, ...]
    reasons: tuple[tuple[str, str, int], ...]  #: outcome, reason, rows; the most frequent first
    documents: int
    sources: tuple[SourceStatus, ...]  #: at most MAX_SOURCES; those with problems first, clients last
    more_sources: int
    hosts: tuple[tuple[str, int, str], ...]  #: host, recent failures, the newest reason
    failures: tuple[Row, ...]
    waiting: tuple[Row, ...]  #: queued rows, the oldest first
    broker: BrokerStatus | None  #: None while Redis does not answer


def status_view(context: AppContext) -> StatusView:
    """Return the content of the queue page.

    The page polls often, so this does not force a refresh: on Elasticsearch the figures may be older by one interval.
    """
    counts = context.ledger.counts()
    # Only finished rows: a row that was queued again keeps the outcome of its last crawl.
    failed = context.ledger.rows(state=State.FINISHED, outcomes=[Outcome.FAILED], limit=RECENT_FAILURES)
    now, sources = context.now(), source_statuses(context)
    return StatusView(
        at=now,
        total=sum(counts.get(name, 0) for name in STATES),
        shares=tuple(_shares(counts)),
        reasons=tuple(_reasons(counts)),
        documents=context.index.count(),
        sources=tuple(sources[:MAX_SOURCES]),
        more_sources=len(sources[MAX_SOURCES:]),
        hosts=tuple(_failing_hosts(failed)),
        failures=tuple(failed[:MAX_ROWS]),
        waiting=tuple(context.ledger.waiting(now, MAX_ROWS)),
        broker=_broker_status(context, now),
    )


def source_statuses(context: AppContext) -> list[SourceStatus]:
    """Return the sources, those with problems first, and then the clients that queued URLs of articles."""
    facet = Query(size=0, facets=("source",), facet_size=MAX_COUNTED_SOURCES)
    articles = {bucket.value: bucket.count for bucket in context.search.find(facet).facets["source"]}
    sources = [_source_status(context, s, articles.pop(s.name, 0)) for s in context.catalog.sources.all()]
    sources.sort(key=lambda s: (HEALTH_ORDER.index(s.health or ""), s.name))
    return [*sources, *(SourceStatus(name=name, articles=n) for name, n in articles.items())]


def _source_status(context: AppContext, source: Source, articles: int) -> SourceStatus:
    history = SourceHistory.from_dict(source.history)
    return SourceStatus(
        name=source.name,
        articles=articles,
        health=health(context, source),
        next_due_at=None if source.paused else source.next_due_at,
        failures=history.failures,
        failed=history.failed,
    )


def _shares(counts: Mapping[str, int]) -> list[StateShare]:
    shares, total, begin = [], sum(counts.get(name, 0) for name in STATES) or 1, 0
    for name in STATES:
        if n := counts.get(name, 0):
            x, width = round(BAR_WIDTH * begin / total, 2), round(BAR_WIDTH * n / total, 2)
            shares.append(StateShare(name=name, count=n, x=x, width=width))
            begin += n
    return shares


def _reasons(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    reasons = []
    for name, n in counts.items():
        outcome, slash, reason = name.partition("/")
        if slash:
            reasons.append((outcome, reason, n))
    return sorted(reasons, key=lambda r: (STATES.index(r[0]), -r[2], r[1]))


def _failing_hosts(failed: Sequence[Row]) -> list[tuple[str, int, str]]:
    newest: dict[str, str] = {}
    for row in failed:
        newest.setdefault(row.host, row.reason or "")
    return [(host, n, newest[host]) for host, n in Counter(row.host for row in failed).most_common(MAX_ROWS)]


def _broker_status(context: AppContext, now: datetime) -> BrokerStatus | None:
    try:
        return BrokerStatus(
            rates=context.telemetry.last_minute(now),
            frontier=context.frontier.depths(),
            spool=context.spool.depths(),
            messages={q: int(context.redis.llen(context.keys.celery_queue(q))) for q in CELERY_QUEUES},
            paused=tuple(_paused_host(p) for p in context.frontier.paused(now.timestamp())[:MAX_ROWS]),
        )
    except RedisError:
        return None


def _paused_host(pause: Pause) -> PausedHost:
    return PausedHost(host=pause.host, until=datetime.fromtimestamp(pause.until, UTC), reason=pause.reason)
