"""The result of a crawl whose URL redirects to another one, and the effect on its article."""

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
from worker.services.ledger.duplicates import end, follow, leaves_site
from worker.services.ledger.lifecycle import admit, again, crawl_result

RECHECK_AFTER = timedelta(minutes=5)  # until the URL is fetched again to see whether its target has an article


def redirected(context: AppContext, row: Row, location: str, status: int) -> CrawlResult:
    """Return the result of a crawl that ended in a redirect. The target becomes a row of its own."""
    ended = partial(crawl_result, context, row, http_status=status)
    try:
        target = urls.target(location, source=row.source, hops=row.hops + 1)
    except BadInput as e:
        return ended(Outcome.FAILED, Reason.BAD_REDIRECT, f"redirects to something that is not a web address: {e}")
    if target.hops > context.settings.fetch_max_redirects:
        return ended(Outcome.FAILED, Reason.TOO_MANY_REDIRECTS, f"redirects again after {row.hops} redirects")
    if row.article_id == row.id and leaves_site(row, target):
        detail = f"redirects to {location}; the article is unchanged"
        return ended(Outcome.FAILED, Reason.REDIRECTS_AWAY, detail, gone=True)
    if (admission := follow(context, row, target)) is None:
        return ended(Outcome.FAILED, Reason.REDIRECT_LOOP, f"redirects lead back to this URL through {location}")
    return _as_duplicate(context, row, admission, ended)


def _as_duplicate(context: AppContext, row: Row, admission: Admission, ended: partial[CrawlResult]) -> CrawlResult:
    """Make the row a duplicate of the target.

    The row's own article is withdrawn only when the target has one: a login or consent page at the target must not
    delete the article.
    """
    enqueue_admitted(context, [admission])
    other = admission.row
    holder = end(context, other)
    detail = f"redirects to {other.url}"
    if row.article_id != row.id or (holder and holder.article_id == holder.id):
        withdraw_rows(context, [row])
        return ended(Outcome.DUPLICATE, Reason.REDIRECT, detail, article_id=other.id)
    if holder and _may_get_article(context, row, holder):
        return ended(Outcome.UNCHANGED, Reason.MOVING, detail, next_crawl_at=context.now() + RECHECK_AFTER)
    return ended(
        Outcome.FAILED, Reason.REDIRECTS_AWAY, f"{detail}, which has no article; the article of this URL is unchanged"
    )


def _may_get_article(context: AppContext, row: Row, holder: Row) -> bool:
    """Return True if the target may still get an article: its crawl is queued. A failed one is queued once more."""
    if holder.outcome is Outcome.FAILED and row.reason is not Reason.MOVING:
        admissions = admit(context, [again(holder)])
        enqueue_admitted(context, admissions)
        holder = admissions[0].row
    return holder.state is State.QUEUED
