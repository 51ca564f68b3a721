"""What a source said of a page before it was fetched: kept in Redis until the page is read. A hint is no more than
that: should Redis lose it, the page speaks for itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from redis.exceptions import RedisError

from worker.discovery.discovered_link import DiscoveredLink
from worker.extraction import Hints
from worker.model.records import State
from worker.services.context import AppContext
from worker.services.intake.submit import Added, add

log = logging.getLogger(__name__)
KEPT = timedelta(days=7)


def remember(context: AppContext, found: Mapping[str, DiscoveredLink]) -> None:
    """Row id -> what a source lists of it. Entries that say nothing but the address are passed over."""
    pipeline = context.redis.pipeline(transaction=False)
    for id, f in found.items():
        if f.title or f.authors or f.published:
            published = f.published.isoformat() if f.published else None
            pipeline.set(context.keys.hint(id), json.dumps([f.title, list(f.authors), published]), ex=KEPT)
    pipeline.execute()


def recall(context: AppContext, ids: Sequence[str]) -> dict[str, Hints]:
    """The hints that there are, by row id."""
    values = context.redis.mget([context.keys.hint(id) for id in ids]) if ids else []
    return {id: _hints(value) for id, value in zip(ids, values, strict=True) if isinstance(value, bytes)}


def forget(context: AppContext, ids: Sequence[str]) -> None:
    """What sources said of these rows."""
    context.redis.delete(*(context.keys.hint(id) for id in ids))


def _hints(value: bytes) -> Hints:
    title, authors, published = json.loads(value)
    return Hints(
        headline=title,
        author=tuple(authors),
        date_published=datetime.fromisoformat(published) if published else None,
    )


def add_found(context: AppContext, found: Sequence[DiscoveredLink], *, source: str) -> list[Added]:
    """Queue what a source lists, one answer each, and keep what it says of each until the page is read."""
    answers = add(context, [f.url for f in found], source=source)
    told = {a.row.id: f for a, f in zip(answers, found, strict=True) if a.row and a.row.state is State.QUEUED}
    try:
        remember(context, told)
    except RedisError as e:
        log.warning("What %s says of its articles is not kept: %s", source, e)
    return answers
