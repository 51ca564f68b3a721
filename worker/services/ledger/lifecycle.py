"""The beginning and the end of a crawl in the ledger.

`admit` is the only way into the ledger: it refuses blocked URLs, whatever their origin. `crawl_result` is the only
description of an end: every way to end a crawl sets the same fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from worker.config.settings import Settings
from worker.discovery.schedule import recrawl_at
from worker.model.reasons import Reason
from worker.model.records import Admission, CrawlResult, Outcome, Row, Target
from worker.services.context import AppContext

ON_DEMAND = "taken down on demand"  #: the detail of a takedown for which the user gives no reason


def admit(context: AppContext, targets: Sequence[Target], *, now: datetime | None = None) -> list[Admission]:
    """Admit targets to the ledger and return one admission each, in order. `now` defaults to the current time.

    The verdict of a blocked URL is `blocked`; its row is created if it is missing.
    """
    if not targets:
        return []
    blocked = context.catalog.blocklist.blocked([t.id for t in targets])
    admissions = iter(context.ledger.admit([t for t in targets if t.id not in blocked], now or context.now()))
    refused = _blocked_rows(context, [t for t in targets if t.id in blocked]) if blocked else {}
    return [Admission(verdict="blocked", row=refused[t.id]) if t.id in blocked else next(admissions) for t in targets]


def again(row: Row) -> Target:
    """Return a target that crawls a row again. It keeps the row's id, even if the URL rules have changed since."""
    return Target(id=row.id, url=row.url, canonical_url=row.canonical_url, host=row.host, source=row.source, force=True)


def create_finished(context: AppContext, targets: Sequence[Target], reason: Reason, detail: str) -> list[Row]:
    """Create rows that are never crawled; return them in order."""
    ids = [target.id for target in targets]
    context.ledger.admit(targets, context.now())
    context.ledger.tombstone(ids, context.now(), reason=reason, detail=detail)
    return [row for row in context.ledger.get(ids) if row]


def _blocked_rows(context: AppContext, targets: Sequence[Target]) -> dict[str, Row]:
    rows = {row.id: row for row in context.ledger.get([t.id for t in targets]) if row}
    if missing := [t for t in targets if t.id not in rows]:
        created = create_finished(context, missing, Reason.TAKEN_DOWN, "the URL is blocked")
        rows |= {row.id: row for row in created}
    return rows


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
