"""How each source stands: those in trouble first, then the others, then who else brought articles (cli, api …)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker.discovery.source_history import SourceHistory
from worker.model.catalog import Source
from worker.model.query import Query
from worker.services.context import AppContext
from worker.services.sources.registry import health

TROUBLE_FIRST = ("failing", "empty", "silent", "unknown", "ok", "paused")
MOST_COUNTED = 1000  #: origins whose articles are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    name: str
    articles: int
    health: str | None = None  #: None: no source that is crawled, but a client that adds URLs
    next_due_at: datetime | None = None
    failures: int = 0  #: visits in a row, up to now
    failed: str | None = None  #: reason of the last failure, while it fails


def standings(context: AppContext) -> list[Standing]:
    found = context.index.search(Query(size=0, facets=("source",), facet_size=MOST_COUNTED)).facets["source"]
    articles = {bucket.value: bucket.count for bucket in found}
    crawled = [_standing(context, source, articles.pop(source.name, 0)) for source in context.catalog.sources.all()]
    crawled.sort(key=lambda s: (TROUBLE_FIRST.index(s.health or ""), s.name))
    return [*crawled, *(Standing(name=name, articles=n) for name, n in articles.items())]


def _standing(context: AppContext, source: Source, articles: int) -> Standing:
    history = SourceHistory.from_dict(source.history)
    return Standing(
        name=source.name,
        articles=articles,
        health=health(context, source),
        next_due_at=None if source.paused else source.next_due_at,
        failures=history.failures,
        failed=history.failed,
    )
