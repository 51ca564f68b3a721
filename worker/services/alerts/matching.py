"""Match saved searches with new articles: read events and run each saved search on the articles that they name.

A consumer group reads the event stream, so each event goes to one reader, and to another one
if that reader dies (`XAUTOCLAIM`). A match that is found twice is announced once, by its search, article and version.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from worker.errors import Unavailable
from worker.model.catalog import SavedSearch
from worker.model.records import Document
from worker.queues.event_stream import Event
from worker.queues.outbox import Delivery
from worker.services.context import AppContext
from worker.storage.document_json import from_json

log = logging.getLogger(__name__)
GROUP = "saved-searches"
READER = "copydesk"  # all readers share one name: events of a dead reader are claimed by their age
BATCH = 500  # events read at once
IDS = 100  # articles that one request of a search covers
LEASE_S = 60.0  # seconds after which unfinished events of a reader are read again
CANNOT_RUN = "the search cannot run"  # prefix of a problem that is cleared when the search runs again
NEWS = ("article.indexed", "article.changed")


@dataclass(frozen=True, slots=True)
class _Read:
    """Events from the stream."""

    entries: tuple[str, ...]  #: ids of the events in the stream
    news: Mapping[str, _ArticleNews]  #: the combined events, by article id


@dataclass(frozen=True, slots=True)
class _ArticleNews:
    """The events of one article, combined."""

    type: str  #: type of the first event
    at_ms: int  #: publication time of the last event


def alert(context: AppContext, *, for_s: float = 10.0, lease_s: float = LEASE_S) -> int:
    """Match new articles for about `for_s` seconds. Return the number of matches that were announced.

    Raises `Unavailable` if the index does not answer; the events are then read again after `lease_s`.
    """
    announced, until = 0, context.now().timestamp() + for_s
    while context.now().timestamp() < until and (read := _read(context.redis, context.events.key, lease_s)).entries:
        announced += _match(context, read.news)
        context.redis.xack(context.events.key, GROUP, *read.entries)
    return announced


def _match(context: AppContext, news: Mapping[str, _ArticleNews]) -> int:
    searches = [s for s in context.catalog.saved_searches.all() if not s.paused] if news else []
    if not searches:
        return 0
    context.index.refresh()
    ids = list(news)
    return sum(
        _announce(context, search, document, news[document.id].type)
        for some in (ids[i : i + IDS] for i in range(0, len(ids), IDS))
        for search in searches
        for document in _matches(context, search, [id for id in some if _is_new_to(search, news[id])])
    )


def _matches(context: AppContext, search: SavedSearch, ids: Sequence[str]) -> Iterator[Document]:
    """Yield the articles that the search finds. A search that cannot run gets a problem and does not affect others."""
    if not ids:
        return
    try:
        results = context.search.find(replace(search.query, ids=tuple(ids), size=len(ids)))
    except (Unavailable, RedisError):
        raise  # temporary: the events stay unfinished and are read again
    except Exception as e:  # permanent
        log.warning("The saved search %s cannot run: %r", search.id, e)
        problem = f"{CANNOT_RUN}: {e}"[:500]
        context.catalog.saved_searches.change(search.id, lambda s: replace(s, problem=problem))
        return
    if search.problem and search.problem.startswith(CANNOT_RUN):
        context.catalog.saved_searches.change(search.id, lambda s: replace(s, problem=None))
    yield from (from_json(hit.fields) for hit in results.hits)


def _is_new_to(search: SavedSearch, news: _ArticleNews) -> bool:
    """Return True if the event came after the search was saved. Older articles are found by searching."""
    return news.at_ms >= int(search.created_at.timestamp() * 1000)


def _announce(context: AppContext, search: SavedSearch, document: Document, event: str) -> bool:
    """Announce a match in the stream and queue its delivery. Return False if this was done before."""
    now = context.now().timestamp()
    delivery = Delivery(
        search=search.id,
        article=document.id,
        version=document.version,
        content_hash=document.article.content_hash,
        event=event,
        matched_at=now,
    )
    matched = asdict(Event.of(document, "search.matched")) | {"search": search.id, "search_name": search.name}
    verdict = context.outbox.announce(delivery, matched, due=now if search.webhook else None)
    if verdict == "full":
        log.warning("Too many deliveries wait for the webhook of %s: %s is not sent", search.id, document.id)
    return verdict != "known"


def _read(redis: Redis, stream: str, lease_s: float) -> _Read:
    """Return the unfinished events of dead readers, or else new events."""
    try:
        left = redis.xautoclaim(stream, GROUP, READER, min_idle_time=int(lease_s * 1000), count=BATCH)[1]
        entries = [entry for entry in left if entry[0]]  # Redis 6 returns nothing in place of deleted events
        entries = entries or _new(redis, stream)
    except ResponseError as e:
        if not str(e).startswith("NOGROUP"):
            raise
        _make_group(redis, stream)
        entries = _new(redis, stream)
    news: dict[str, _ArticleNews] = {}
    for entry, fields in entries:
        kind, id = fields.get(b"type", b"").decode(), fields.get(b"id", b"").decode()
        if kind in NEWS:
            at_ms = int(entry.partition(b"-")[0])  # Redis names entries by its clock
            news[id] = _ArticleNews(news[id].type if id in news else kind, at_ms)
    return _Read(tuple(entry.decode() for entry, _ in entries), news)


def _new(redis: Redis, stream: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    found: Any = redis.xreadgroup(GROUP, READER, {stream: ">"}, count=BATCH)
    return found[0][1] if found else []


def _make_group(redis: Redis, stream: str) -> None:
    """Make the consumer group. It begins with the first event: after Redis was emptied, none has been read."""
    try:
        redis.xgroup_create(stream, GROUP, id="0", mkstream=True)
    except ResponseError as e:
        if not str(e).startswith("BUSYGROUP"):
            raise
