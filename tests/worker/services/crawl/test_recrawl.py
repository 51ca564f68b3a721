"""Recrawls by schedule."""

from __future__ import annotations

from tests.worker.services.conftest import (
    Answer,
    Clock,
    Ingest,
    Web,
    page,
    work_off,
)
from worker.model.records import Outcome
from worker.services.context import AppContext
from worker.services.crawl.recrawl import recrawl


def test_a_failed_recrawl_does_not_end_later_ones(context: AppContext, web: Web, ingest: Ingest, clock: Clock) -> None:
    web["/s"] = page("Corrected later")
    ingest(web.url("/s"))
    web["/s"] = Answer(status=503)
    clock.forward(3600)
    assert recrawl(context) == 1
    work_off(context, clock)
    (row,) = context.ledger.rows()
    assert row.outcome is Outcome.FAILED
    assert row.next_crawl_at
