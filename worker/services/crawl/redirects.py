"""A row whose address answers with a redirect to another: what that says of the row and of its article."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from worker import urls
from worker.errors import BadInput
from worker.model.reasons import Reason
from worker.model.records import Admission, CrawlResult, Outcome, Row, State
from worker.services.articles.takedown import withdraw_rows
from worker.services.context import AppContext
from worker.services.intake.submit import enqueue_admitted
from worker.services.ledger.admission import admit, again
from worker.services.ledger.crawl_result import crawl_result
from worker.services.ledger.duplicates import end, follow, leaves_site

SOON = timedelta(minutes=5)  # until it is looked for there


def redirected(context: AppContext, row: Row, location: str, status: int) -> CrawlResult:
    """How this crawl ends. The target becomes a row of its own, and waits in its own host's queue."""
    ended = partial(crawl_result, context, row, http_status=status)
    try:
        target = urls.target(location, source=row.source, hops=row.hops + 1)
    except BadInput as e:
        return ended(Outcome.FAILED, Reason.BAD_REDIRECT, f"redirects to no web address: {e}")
    if target.hops > context.settings.fetch_max_redirects:
        return ended(Outcome.FAILED, Reason.TOO_MANY_REDIRECTS, f"{row.hops} redirects led here, and on")
    if row.article_id == row.id and leaves_site(row, target):
        detail = f"leads to {location} now; the article stays as it was"
        return ended(Outcome.FAILED, Reason.REDIRECTS_AWAY, detail, gone=True)
    if (admission := follow(context, row, target)) is None:
        return ended(Outcome.FAILED, Reason.REDIRECT_LOOP, f"redirects lead back here by way of {location}")
    return _leads_to(context, row, admission, ended)


def _leads_to(context: AppContext, row: Row, admission: Admission, ended: partial[CrawlResult]) -> CrawlResult:
    """The row is a duplicate of that other. An article that we have is given up only once the other has one: a login or
    consent page in its place must not cost us the story."""
    enqueue_admitted(context, [admission])
    other = admission.row
    holder = end(context, other)
    detail = f"redirects to {other.url}"
    if row.article_id != row.id or (holder and holder.article_id == holder.id):
        withdraw_rows(context, [row])
        return ended(Outcome.DUPLICATE, Reason.REDIRECT, detail, article_id=other.id)
    if holder and _may_come(context, row, holder):
        return ended(Outcome.UNCHANGED, Reason.MOVING, detail, next_crawl_at=context.now() + SOON)
    return ended(Outcome.FAILED, Reason.REDIRECTS_AWAY, f"{detail}, where there is no article; ours stays as it was")


def _may_come(context: AppContext, row: Row, holder: Row) -> bool:
    """Whether an article may still be found there: its crawl is under way, or failed and is tried once more."""
    if holder.outcome is Outcome.FAILED and row.reason is not Reason.MOVING:
        admissions = admit(context, [again(holder)])
        enqueue_admitted(context, admissions)
        holder = admissions[0].row
    return holder.state is State.QUEUED
