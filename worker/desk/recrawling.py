"""Young articles are fetched again for corrections: at the ages that `recrawl_after_s` names, then no more."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.desk.adding import enqueue_admitted
from worker.desk.admitting import admit, again
from worker.desk.parts import Desk
from worker.fetching.schedule import recrawl_at

BATCH = 500


def recrawl(desk: Desk) -> int:
    """Queue rows whose next crawl has come. Returns how many."""
    admissions = admit(desk, [again(row) for row in desk.ledger.due(desk.now(), BATCH)])
    enqueue_admitted(desk, admissions)
    return sum(a.is_queued for a in admissions)


def next_crawl_at(desk: Desk, first_seen: datetime, published: datetime | None) -> datetime | None:
    """When an article that was read just now is to be fetched again; None: not by itself."""
    born = published.timestamp() if published else None
    when = recrawl_at(desk.settings.recrawl_after_s, first_seen.timestamp(), born, desk.now().timestamp())
    return datetime.fromtimestamp(when, UTC) if when is not None else None
