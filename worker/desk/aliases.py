"""One article under several addresses: where a redirect or a canonical link leads."""

from __future__ import annotations

from collections.abc import Mapping

from worker import urls
from worker.desk.admitting import admit, again
from worker.desk.chains import leads_to
from worker.desk.parts import Desk
from worker.errors import BadInput
from worker.records import Admission, Article, Row, Settlement, Target


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


def follow(desk: Desk, row: Row, target: Target, pending: Mapping[str, Settlement] | None = None) -> Admission | None:
    """Admit where `row` leads; None if it leads back to `row` (a loop), by the ledger or by settlements that are
    decided and not yet written. The caller queues it, or files it himself."""
    admission = admit(desk, [target])[0]
    if not leads_to(desk, admission.row, row.id, pending):
        return admission
    settled = admission.row.settled_at
    if pending or (settled and row.queued_at and settled >= row.queued_at):
        return None
    # Settled before this crawl began: the site has turned its redirect round since.
    return admit(desk, [again(admission.row)])[0]
