"""Young articles are fetched again for corrections: at the ages that `recrawl_after_s` names, then no more."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.discovery.schedule import recrawl_at
from worker.services.context import AppContext
from worker.services.intake.submit import enqueue_admitted
from worker.services.ledger.admission import admit, again

BATCH = 500


def recrawl(context: AppContext) -> int:
    """Queue rows whose next crawl has come. Returns how many."""
    admissions = admit(context, [again(row) for row in context.ledger.due(context.now(), BATCH)])
    enqueue_admitted(context, admissions)
    return sum(a.is_queued for a in admissions)


def next_crawl_at(context: AppContext, first_seen: datetime, published: datetime | None) -> datetime | None:
    """When an article that was read just now is to be fetched again; None: not by itself."""
    born = published.timestamp() if published else None
    when = recrawl_at(context.settings.recrawl_after_s, first_seen.timestamp(), born, context.now().timestamp())
    return datetime.fromtimestamp(when, UTC) if when is not None else None
