"""Saved searches meet new articles: the stream of events is read, and each search is asked among the articles it names.

A group of consumers reads the stream, so every event is seen by one reader, and again by another if that one dies
before it is done (`XAUTOCLAIM`). A match that is found twice is announced once: by its search, article and version.
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
READER = "desk"  # one for all: what a dead reader left is claimed by its age, not by whose it was
BATCH = 500  # events read at once
IDS = 100  # articles that a search is asked about at once
LEASE_S = 60.0  # after which events that a reader took and did not finish are read again
NOT_ASKED = "it could not be asked"
NEWS = ("article.indexed", "article.changed")


@dataclass(frozen=True, slots=True)
class _Read:
    """Events as they came off the stream."""

    entries: tuple[str, ...]  #: their ids in the stream
    news: Mapping[str, _News]  #: by article


@dataclass(frozen=True, slots=True)
class _News:
    """What the events of one article say."""

    type: str  #: of the first
    at_ms: int  #: when the last was published


def alert(context: AppContext, *, for_s: float = 10.0, lease_s: float = LEASE_S) -> int:
    """Match what came since the last call, for about that long. Returns how many matches were announced.

    Raises `Unavailable` when the index does not answer; its events are read again after `lease_s`.
    """
    announced, until = 0, context.now().timestamp() + for_s
    while context.now().timestamp() < until and (read := _read(context.redis, context.events.key, lease_s)).entries:
        announced += _match(context, read.news)
        context.redis.xack(context.events.key, GROUP, *read.entries)
    return announced


def _match(context: AppContext, news: Mapping[str, _News]) -> int:
    searches = [s for s in context.catalog.saved_searches.all() if not s.paused] if news else []
    if not searches:
        return 0
    context.index.refresh()
    ids = list(news)
    return sum(
        _announce(context, search, document, news[document.id].type)
        for some in (ids[i : i + IDS] for i in range(0, len(ids), IDS))
        for search in searches
        for document in _found(context, search, [id for id in some if _is_new_to(search, news[id])])
    )


def _found(context: AppContext, search: SavedSearch, ids: Sequence[str]) -> Iterator[Document]:
    """Those of these articles that the search finds. A search that cannot be asked is flagged and harms no other."""
    if not ids:
        return
    try:
        results = context.search.find(replace(search.query, ids=tuple(ids), size=len(ids)))
    except (Unavailable, RedisError):
        raise  # it passes: the events stay unread, to be asked about again
    except Exception as e:  # no repetition mends it
        log.warning("The saved search %s cannot be asked: %r", search.id, e)
        problem = f"{NOT_ASKED}: {e}"[:500]
        context.catalog.saved_searches.change(search.id, lambda s: replace(s, problem=problem))
        return
    if search.problem and search.problem.startswith(NOT_ASKED):
        context.catalog.saved_searches.change(search.id, lambda s: replace(s, problem=None))
    yield from (from_json(hit.fields) for hit in results.hits)


def _is_new_to(search: SavedSearch, news: _News) -> bool:
    """What was published before a search was saved is found by searching, and not told."""
    return news.at_ms >= int(search.created_at.timestamp() * 1000)


def _announce(context: AppContext, search: SavedSearch, document: Document, event: str) -> bool:
    """Tell the stream, and let the webhook be told. False where both were done before."""
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
    became = context.outbox.announce(delivery, matched, due=now if search.webhook else None)
    if became == "full":
        log.warning("Too many deliveries wait for the webhook of %s: %s is not sent to it", search.id, document.id)
    return became != "known"


def _read(redis: Redis, stream: str, lease_s: float) -> _Read:
    """What a dead reader left behind, else what nobody has read yet."""
    try:
        left = redis.xautoclaim(stream, GROUP, READER, min_idle_time=int(lease_s * 1000), count=BATCH)[1]
        entries = [entry for entry in left if entry[0]] or _new(
            redis, stream
        )  # Redis 6 names events that are gone as nothing
    except ResponseError as e:
        if not str(e).startswith("NOGROUP"):
            raise
        _make_group(redis, stream)
        entries = _new(redis, stream)
    news: dict[str, _News] = {}
    for entry, fields in entries:
        kind, id = fields.get(b"type", b"").decode(), fields.get(b"id", b"").decode()
        if kind in NEWS:
            at_ms = int(entry.partition(b"-")[0])  # Redis names entries by its clock
            news[id] = _News(news[id].type if id in news else kind, at_ms)
    return _Read(tuple(entry.decode() for entry, _ in entries), news)


def _new(redis: Redis, stream: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    found: Any = redis.xreadgroup(GROUP, READER, {stream: ">"}, count=BATCH)
    return found[0][1] if found else []


def _make_group(redis: Redis, stream: str) -> None:
    """From the first event that is there: when Redis was emptied, some have come since, and none was read."""
    try:
        redis.xgroup_create(stream, GROUP, id="0", mkstream=True)
    except ResponseError as e:
        if not str(e).startswith("BUSYGROUP"):
            raise
