"""The outcomes of a section page's links, which are kept with the source and updated at each visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from worker import urls
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.link_shapes import ShapeStatistics
from worker.model.catalog import Source
from worker.model.records import Outcome, Row
from worker.services.context import AppContext

ROWS = 300  # maximum number of latest rows read for a host
HOSTS = 3  # hosts beside the source's own: those with most of its links


def learn(context: AppContext, source: Source) -> tuple[ShapeStatistics, float]:
    """Return the statistics with the rows that finished since the last visit, and the time of the last of them.

    The time is in epoch seconds.
    """
    until = float(source.cursor.get("learned_until", 0.0))
    hosts = dict.fromkeys([urls.origin(source.url), *source.cursor.get("hosts", ())])
    rows = [(row, _finished_at(row)) for host in hosts for row in context.ledger.rows(host=host, limit=ROWS)]
    new = [(row, at) for row, at in rows if at > until and row.outcome not in (None, Outcome.FAILED)]
    learned = ShapeStatistics(source.learned).with_outcomes((row.url, row.article_id is not None) for row, _ in new)
    return learned, max((at for _, at in new), default=until)


def _finished_at(row: Row) -> float:
    return row.finished_at.timestamp() if row.finished_at else 0.0


def cursor(found: Sequence[DiscoveredLink], learned_until: float) -> dict[str, Any]:
    """Return the position from which the next call of `learn` continues."""
    hosts = Counter(urls.origin(f.url) for f in found).most_common(HOSTS)
    return {"hosts": [host for host, _ in hosts], "learned_until": learned_until}
