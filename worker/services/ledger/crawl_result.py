"""How a crawl ended, as the ledger takes it: in one place, so that every way to end says the same things."""

from __future__ import annotations

from typing import Any

from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome, Row
from worker.services.context import AppContext
from worker.services.crawl.recrawl import next_crawl_at


def crawl_result(
    context: AppContext, row: Row, outcome: Outcome, reason: Reason, detail: str | None, **more: Any
) -> CrawlResult:
    """`more`: fields of `CrawlResult`, and `published`, the article's date where it was read.

    A row that has, or now gets, a document of its own is fetched again while it is young, however this crawl ended: a
    host that stumbles once must not end the corrections of a good article.
    """
    published = more.pop("published", None)
    has_document = row.id in (row.article_id, more.get("article_id")) and outcome is not Outcome.DUPLICATE
    now = context.now()
    if "next_crawl_at" not in more and has_document:
        more["next_crawl_at"] = next_crawl_at(context, row.first_seen_at or now, published)
    return CrawlResult(
        id=row.id,
        crawl=row.crawl,
        outcome=outcome,
        finished_at=now,
        reason=reason,
        detail=detail,
        **more,
    )
