"""Data that a feed gives about an article."""

from __future__ import annotations

from tests.worker.services.conftest import (
    Clock,
    Web,
    page,
    work_off,
)
from worker.services.context import AppContext
from worker.services.sources import visits


def test_feed_data_fills_fields_that_the_page_does_not_have(context: AppContext, web: Web, clock: Clock) -> None:
    entry = "<item><title>Told</title><link>{}</link><pubDate>{}</pubDate><author>Nell Carrow</author></item>"
    dated = entry.format(web.url("/s"), clock().strftime("%a, %d %b %Y %H:%M:%S GMT"))
    web["/feed"] = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{dated}</channel></rss>'
    web["/s"] = page("A page without a date")
    visits.crawl_once(context, web.url("/feed"))
    work_off(context, clock)
    (document,) = [d for d in context.index.get([r.id for r in context.ledger.rows()]) if d]
    assert document.article.date_published
    assert document.article.headline == "A page without a date", "the page itself comes first"
