"""The result of a crawl as the ledger stores it. Every crawl ends through here, so all set the same fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from worker.config.settings import Settings
from worker.discovery.schedule import recrawl_at
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome, Row
from worker.services.context import AppContext


def crawl_result(
    context: AppContext, row: Row, outcome: Outcome, reason: Reason, detail: str | None, **more: Any
) -> CrawlResult:
    """Return the result of a crawl that ends now; see `crawl_result_at`."""
    return crawl_result_at(context.settings, context.now(), row, outcome, reason, detail, **more)


def crawl_result_at(
    settings: Settings,
    now: datetime,
    row: Row,
    outcome: Outcome,
    reason: Reason,
    detail: str | None,
    *,
    published: datetime | None = None,
    **more: Any,
) -> CrawlResult:
    """Return the result of a crawl. `more` are fields of `CrawlResult`, `published` is the date of the article.

    A row that has, or now gets, a document of its own is fetched again while it is young, however this crawl ended. So
    one failure of the host does not stop the corrections of a good article.
    """
    has_document = row.id in (row.article_id, more.get("article_id")) and outcome is not Outcome.DUPLICATE
    if "next_crawl_at" not in more and has_document:
        more["next_crawl_at"] = _next_crawl_at(settings, row.first_seen_at or now, published, now)
    return CrawlResult(
        id=row.id,
        crawl=row.crawl,
        outcome=outcome,
        finished_at=now,
        reason=reason,
        detail=detail,
        **more,
    )


def _next_crawl_at(
    settings: Settings, first_seen: datetime, published: datetime | None, now: datetime
) -> datetime | None:
    """Return when an article that was fetched now is fetched again, or None if it is not."""
    born = published.timestamp() if published else None
    when = recrawl_at(settings.recrawl_after_s, first_seen.timestamp(), born, now.timestamp())
    return datetime.fromtimestamp(when, UTC) if when is not None else None
