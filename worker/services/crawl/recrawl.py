"""Recrawls: young articles are fetched again for corrections, at the ages of `recrawl_after_s`."""

from __future__ import annotations

from worker.services.context import AppContext
from worker.services.intake.submit import enqueue_admitted
from worker.services.ledger.lifecycle import admit, again

BATCH = 500


def recrawl(context: AppContext) -> int:
    """Queue the rows whose next crawl is due and return how many."""
    admissions = admit(context, [again(row) for row in context.ledger.due(context.now(), BATCH)])
    enqueue_admitted(context, admissions)
    return sum(a.is_queued for a in admissions)
