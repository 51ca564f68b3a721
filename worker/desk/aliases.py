"""One article under several addresses: where a redirect or a canonical link leads."""

from __future__ import annotations

from worker import urls
from worker.desk.admitting import admit
from worker.desk.parts import Desk
from worker.errors import BadInput
from worker.records import Admission, Article, Outcome, Row, State, Target

LONGEST_CHAIN = 20


def believed_canonical(row: Row, article: Article) -> Target | None:
    """The target that the page's rel=canonical names, if it may be believed: the same site (registrable domain), not
    a home page, and not the row itself. A wrong claim would swallow the articles of others."""
    claimed = article.canonical_url
    if not claimed:
        return None
    try:
        target = urls.target(claimed, source=row.source, hops=row.hops + 1)
    except BadInput:
        return None
    if target.id == row.id or urls.site(claimed) != urls.site(row.url) or urls.is_home(claimed):
        return None
    return target


def follow(desk: Desk, row: Row, target: Target) -> Admission | None:
    """Admit where `row` leads; None if it leads back to `row` (a loop). The caller queues it, or files it himself."""
    admission = _admit(desk, target)
    if not _leads_to(desk, admission.row, row.id):
        return admission
    settled = admission.row.settled_at
    if settled and row.queued_at and settled >= row.queued_at:
        return None
    # Settled before this crawl began: the site has turned its redirect round since.
    return _admit(desk, urls.target(target.url, source=target.source, hops=target.hops, force=True))


def _admit(desk: Desk, target: Target) -> Admission:
    return admit(desk, [target])[0]


def _leads_to(desk: Desk, start: Row, id: str) -> bool:
    """Whether the chain of duplicates from `start` ends in that row."""
    current: Row | None = start
    for _ in range(LONGEST_CHAIN):
        if current is None or current.state is not State.SETTLED or current.outcome is not Outcome.DUPLICATE:
            return False
        if current.article_id == id:
            return True
        current = desk.ledger.get([current.article_id])[0] if current.article_id else None
    return True
