"""How the whole stands: states, reasons, hosts that fail or are paused, what waits, what was done lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.exceptions import RedisError

from api.web.ui.source_health_view import Standing, standings
from tasks.app import app as celery
from worker.model.records import Outcome, Row, State
from worker.queues.frontier import Pause
from worker.services.context import AppContext
from worker.telemetry import lately

ORDER = ("queued", *(outcome.value for outcome in Outcome))
RECENT = 500  #: finished rows that the failing hosts are counted over
SHOWN = 10
SOURCES = 50
BAR = 1000  #: width of the bar of states, in units of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A state or outcome, and its part of the bar."""

    name: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    host: str
    until: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """What Redis knows; it may be down while the ledger and the index answer."""

    rates: Mapping[str, int]  #: of the last minute
    frontier: Mapping[str, int]
    spool: Mapping[str, int]
    messages: Mapping[str, int]  #: by Celery queue
    paused: tuple[Paused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    at: datetime
    total: int
    shares: tuple[Share, ...]
    reasons: tuple[tuple[str, str, int], ...]  #: outcome, reason, rows; the most frequent first
    documents: int
    sources: tuple[Standing, ...]  #: the first SOURCES, those in trouble before all
    more_sources: int
    hosts: tuple[tuple[str, int, str], ...]  #: host, failures among the last RECENT, the newest reason
    failures: tuple[Row, ...]
    waiting: tuple[Row, ...]  #: the longest first
    transport: Transport | None


def look(context: AppContext) -> Queue:
    """A glance for a page that asks again and again: it forces no refresh, so Elasticsearch may lag by one."""
    counts = context.ledger.counts()
    # A row that was queued again keeps the outcome of its last crawl.
    failed = context.ledger.rows(state=State.FINISHED, outcomes=[Outcome.FAILED], limit=RECENT)
    now, sources = context.now(), standings(context)
    return Queue(
        at=now,
        total=sum(counts.get(name, 0) for name in ORDER),
        shares=tuple(_shares(counts)),
        reasons=tuple(_reasons(counts)),
        documents=context.index.count(),
        sources=tuple(sources[:SOURCES]),
        more_sources=len(sources[SOURCES:]),
        hosts=tuple(_hosts(failed)),
        failures=tuple(failed[:SHOWN]),
        waiting=tuple(context.ledger.waiting(now, SHOWN)),
        transport=_transport(context, now),
    )


def _shares(counts: Mapping[str, int]) -> list[Share]:
    shares, total, at = [], sum(counts.get(name, 0) for name in ORDER) or 1, 0
    for name in ORDER:
        if n := counts.get(name, 0):
            shares.append(Share(name=name, count=n, x=round(BAR * at / total, 2), width=round(BAR * n / total, 2)))
            at += n
    return shares


def _reasons(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    found = []
    for name, n in counts.items():
        outcome, slash, reason = name.partition("/")
        if slash:
            found.append((outcome, reason, n))
    return sorted(found, key=lambda r: (ORDER.index(r[0]), -r[2], r[1]))


def _hosts(failed: Sequence[Row]) -> list[tuple[str, int, str]]:
    newest: dict[str, str] = {}
    for row in failed:
        newest.setdefault(row.host, row.reason or "")
    return [(host, n, newest[host]) for host, n in Counter(row.host for row in failed).most_common(SHOWN)]


def _transport(context: AppContext, now: datetime) -> Transport | None:
    """None where Redis does not answer."""
    try:
        return Transport(
            rates=lately(context.redis, now),
            frontier=context.frontier.depths(),
            spool=context.spool.depths(),
            messages={queue: int(context.redis.llen(queue)) for queue in sorted(celery.amqp.queues)},
            paused=tuple(_paused(p) for p in context.frontier.paused(now.timestamp())[:SHOWN]),
        )
    except RedisError:
        return None


def _paused(pause: Pause) -> Paused:
    return Paused(host=pause.host, until=datetime.fromtimestamp(pause.until, UTC), why=pause.why)
