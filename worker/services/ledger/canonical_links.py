"""One article under several addresses: where a redirect or a canonical link leads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from worker import urls
from worker.errors import BadInput
from worker.model.records import Admission, Article, CrawlResult, Row, State, Target
from worker.services.context import AppContext
from worker.services.ledger.admission import admit, again
from worker.services.ledger.duplicate_chains import leads_to


def believed_canonical(row: Row, article: Article) -> Target | None:
    """The target that the page's rel=canonical names, if it may be believed: the same site (registrable domain), not
    a home or section page, and not the row itself. A wrong claim would swallow the articles of others."""
    claimed = article.canonical_url
    if not claimed:
        return None
    try:
        target = urls.target(claimed, source=row.source, hops=row.hops + 1)
    except BadInput:
        return None
    if target.id == row.id or left_site(row, target) or not _may_be_same(row.url, claimed):
        return None
    return target


def left_site(row: Row, target: Target) -> bool:
    """Whether a link leads from an article to another site or a front page, where it cannot live on."""
    return urls.site(target.url) != urls.site(row.url) or urls.is_home(target.url)


def _may_be_same(url: str, claimed: str) -> bool:
    """Whether an address can be that of the article at hand: the same path, the same last part of it, or one that looks
    like a single article's. A template that names its section on every story would swallow them all."""
    here, there = urlsplit(url).path.rstrip("/"), urlsplit(claimed).path.rstrip("/")
    return here == there or here.rpartition("/")[2] == there.rpartition("/")[2] or urls.names_article(there)


def _comes_back_with(row: Row, admission: Admission) -> bool:
    """Whether both were let go on purpose, and only this one is crawled again: nothing but force does that, and it is
    meant for the article."""
    there = admission.row
    return (
        admission.verdict == "known"
        and there.state is State.FINISHED
        and all(r.reason is not None and r.reason.deletes for r in (row, there))
    )


def follow(
    context: AppContext, row: Row, target: Target, pending: Mapping[str, CrawlResult] | None = None
) -> Admission | None:
    """Admit where `row` leads; None if it leads back to `row` (a loop), by the ledger or by settlements that are
    decided and not yet written. The caller queues it, or files it himself."""
    admission = admit(context, [target])[0]
    if _comes_back_with(row, admission):
        return admit(context, [again(admission.row)])[0]
    if not leads_to(context, admission.row, row.id, pending):
        return admission
    finished = admission.row.finished_at
    if pending or (finished and row.queued_at and finished >= row.queued_at):
        return None
    # Settled before this crawl began: the site has turned its redirect round since.
    return admit(context, [again(admission.row)])[0]
