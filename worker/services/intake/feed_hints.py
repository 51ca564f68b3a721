"""Hints: title, date and authors that a source lists for a page, kept in Redis until the page is read.

If Redis loses a hint, the page is read without it.
"""

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
    """Keep the hints of a source's links, given by row id. Links with only a URL are skipped."""
    pipeline = context.redis.pipeline(transaction=False)
    for id, f in found.items():
        if f.title or f.authors or f.published:
            published = f.published.isoformat() if f.published else None
            pipeline.set(context.keys.hint(id), json.dumps([f.title, list(f.authors), published]), ex=KEPT)
    pipeline.execute()


def recall(context: AppContext, ids: Sequence[str]) -> dict[str, Hints]:
    """Return the hints by row id; rows without hints are missing."""
    values = context.redis.mget([context.keys.hint(id) for id in ids]) if ids else []
    return {id: _hints(value) for id, value in zip(ids, values, strict=True) if isinstance(value, bytes)}


def forget(context: AppContext, ids: Sequence[str]) -> None:
    """Delete the hints of rows."""
    context.redis.delete(*(context.keys.hint(id) for id in ids))


def _hints(value: bytes) -> Hints:
    title, authors, published = json.loads(value)
    return Hints(
        headline=title,
        author=tuple(authors),
        date_published=datetime.fromisoformat(published) if published else None,
    )


def add_found(context: AppContext, found: Sequence[DiscoveredLink], *, source: str) -> list[Added]:
    """Queue the links that a source lists, and keep their hints. Return one result each, in order."""
    results = add(context, [f.url for f in found], source=source)
    queued = {a.row.id: f for a, f in zip(results, found, strict=True) if a.row and a.row.state is State.QUEUED}
    try:
        remember(context, queued)
    except RedisError as e:
        log.warning("The hints of source %s are lost, Redis does not answer: %s", source, e)
    return results
