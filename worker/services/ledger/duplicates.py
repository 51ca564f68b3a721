"""One article with several URLs: rows that are duplicates of others by a redirect or a canonical link.

The functions on a `LedgerView` are pure: they decide on rows that were read before, so that a batch of pages costs as
few requests as one page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from worker import urls
from worker.errors import BadInput
from worker.model.records import Admission, Article, CrawlResult, Outcome, Row, State, Target
from worker.services.context import AppContext
from worker.services.ledger.lifecycle import admit, again
from worker.storage import row_transitions

MAX_CHAIN = 20  # rows in a chain of duplicates


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerView:
    """Rows as they were read at one time, with the results of crawls that are decided and not written yet."""

    now: datetime
    rows: Mapping[str, Row] = field(default_factory=dict)  #: the targets of links, and all rows of their chains, by id
    blocked: AbstractSet[str] = frozenset()  #: ids of the blocked targets
    pending: Mapping[str, CrawlResult] = field(default_factory=dict)

    def admission(self, target: Target) -> Admission:
        """Return the admission that `admit` would return."""
        row = self.rows.get(target.id)
        expected = row_transitions.admit(row, target, self.now)
        if target.id in self.blocked:
            return Admission(verdict="blocked", row=row or expected.row)
        return expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link from a row to another URL, with the admission that the ledger is expected to give."""

    target: Target  #: to admit
    expected: Admission  #: the expected answer of `admit`


def load_view(context: AppContext, targets: Collection[Target]) -> LedgerView:
    """Read the rows of targets and of their chains, in as many requests as the longest chain has rows."""
    if not targets:
        return LedgerView(now=context.now())
    ids = [target.id for target in targets]
    blocked = context.catalog.blocklist.blocked(ids)
    return LedgerView(now=context.now(), rows=_load_chains(context, ids), blocked=blocked)


def _load_chains(context: AppContext, ids: Iterable[str]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    wanted = set(ids)
    for _ in range(MAX_CHAIN):
        if not wanted:
            break
        found = [row for row in context.ledger.get(sorted(wanted)) if row]
        rows |= {row.id: row for row in found}
        wanted = {id for row in found if (id := _next_id(row, None)) and id not in rows}
    return rows


def canonical_target(row: Row, article: Article) -> Target | None:
    """Return the target of a page's rel=canonical, or None if it is missing or not credible.

    Credible is a URL on the same site (registrable domain) that is not a home or section page and not the row itself.
    A wrong link would replace the articles of others.
    """
    canonical = article.canonical_url
    if not canonical:
        return None
    try:
        target = urls.target(canonical, source=row.source, hops=row.hops + 1)
    except BadInput:
        return None
    if target.id == row.id or leaves_site(row, target) or not _may_be_same_article(row.url, canonical):
        return None
    return target


def leaves_site(row: Row, target: Target) -> bool:
    """Return True if a link leads to another site or to a front page, where an article does not move."""
    return urls.site(target.url) != urls.site(row.url) or urls.is_home(target.url)


def _may_be_same_article(url: str, canonical: str) -> bool:
    """Return True if both have the same path, the same last part of it, or if the second looks like an article's URL.

    Some templates name their section as canonical on every article. They must not merge all these articles into one.
    """
    path, other = urlsplit(url).path.rstrip("/"), urlsplit(canonical).path.rstrip("/")
    return path == other or path.rpartition("/")[2] == other.rpartition("/")[2] or urls.names_article(other)


def resolve(row: Row, target: Target, view: LedgerView) -> Link | None:
    """Return the link to follow from a row to a target, or None if it leads back to the row (a loop).

    The target is crawled again by force in two cases: both articles were deleted on purpose and this row is crawled
    again, which only force does; or the loop is older than this crawl, so that the site has reversed its redirect.
    """
    expected = view.admission(target)
    if _were_both_deleted(row, expected):
        return _by_force(expected.row, view)
    chain = list(_chain(expected.row, view.rows, view.pending))
    if row.id not in (r.id for r in chain):
        return Link(target=target, expected=expected)
    finished = expected.row.finished_at
    if any(r.id in view.pending for r in chain) or (finished and row.queued_at and finished >= row.queued_at):
        return None
    return _by_force(expected.row, view)


def _by_force(row: Row, view: LedgerView) -> Link:
    target = again(row)
    return Link(target=target, expected=view.admission(target))


def _were_both_deleted(row: Row, admission: Admission) -> bool:
    other = admission.row
    return (
        admission.verdict == "known"
        and other.state is State.FINISHED
        and all(r.reason is not None and r.reason.deletes for r in (row, other))
    )


def without_article(link: Link, view: LedgerView) -> Link | None:
    """Return the link (by force if needed) if a page at hand can be indexed at its target, otherwise None.

    The target must not have an article: it is new, waits for its own fetch, or its crawl failed (also in this batch).
    Targets whose article was deleted on purpose are excluded.
    """
    row, decided = link.expected.row, view.pending.get(link.expected.row.id)
    if row.article_id or link.expected.verdict == "blocked" or (row.reason and row.reason.deletes):
        return None
    if decided and decided.outcome not in (Outcome.REJECTED, Outcome.FAILED):
        return None
    link = link if row.state is State.QUEUED else _by_force(row, view)
    return link if link.expected.row.state is State.QUEUED else None


def follow(context: AppContext, row: Row, target: Target) -> Admission | None:
    """Admit the target of a link, or return None if it leads back to `row` (a loop). The caller queues the row."""
    link = resolve(row, target, load_view(context, [target]))
    return admit(context, [link.target])[0] if link else None


def chain(context: AppContext, row: Row) -> list[Row]:
    """Return the row and the rows that it is a duplicate of, one after another, without repetitions."""
    next_id = _next_id(row, None)
    return list(_chain(row, _load_chains(context, [next_id]) if next_id else {}, {}))


def end(context: AppContext, row: Row) -> Row | None:
    """Return the last row of the chain, or None if the chain is a loop or its next row is missing."""
    last = chain(context, row)[-1]
    return None if _next_id(last, None) else last


def rows_of_article(context: AppContext, row: Row) -> list[Row]:
    """Return the row and the rows between it and the row of its article, which is last.

    Unlike `chain` it includes rows that are crawled again or whose last crawl failed: a row belongs to its article
    until it leads to another one.
    """
    found = [row]
    while len(found) < MAX_CHAIN and (next_id := found[-1].article_id) not in (None, *(r.id for r in found)):
        if (current := context.ledger.get([str(next_id)])[0]) is None:
            break
        found.append(current)
    return found


def _chain(row: Row, rows: Mapping[str, Row], pending: Mapping[str, CrawlResult]) -> Iterator[Row]:
    seen: set[str] = set()
    current: Row | None = row
    while current is not None and current.id not in seen and len(seen) < MAX_CHAIN:
        seen.add(current.id)
        yield current
        next_id = _next_id(current, pending.get(current.id))
        current = rows.get(next_id) if next_id else None


def _next_id(row: Row, pending: CrawlResult | None) -> str | None:
    """Return the id of the row that this one is a duplicate of."""
    if pending is not None:
        return pending.article_id if pending.outcome is Outcome.DUPLICATE else None
    return row.article_id if row.state is State.FINISHED and row.outcome is Outcome.DUPLICATE else None
