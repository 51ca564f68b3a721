"""Take an article down: its document, its rows' claim on it, and, where asked, every later crawl of its addresses.

Take a row's own document out of the index because its article lives at another address now.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from worker import urls
from worker.errors import BadInput
from worker.model.catalog import Block
from worker.model.reasons import Reason
from worker.model.records import Document, Row
from worker.queues.event_stream import Event
from worker.services.articles.revisions import erase
from worker.services.context import AppContext
from worker.services.intake import feed_hints
from worker.services.ledger import lookup
from worker.services.ledger.admission import ON_DEMAND, create_finished

log = logging.getLogger(__name__)
MOST_ADDRESSES = 10_000  # of one article


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What was removed: the article's row and those of its duplicates, the one that was asked for first."""

    rows: tuple[Row, ...]
    documents: int  #: that were there
    is_blocked: bool


def remove(context: AppContext, url_or_id: str, *, block: bool, why: str = "") -> Removal:
    """Remove an article with all its addresses. Safe to repeat.

    With `block` none of them is crawled, replayed or filed again, and a URL that was never seen is blocked too.
    `BadInput` for what was never accepted and is not to be blocked.
    """
    context.ledger.refresh()
    first = lookup.row(context, lookup.identify(url_or_id)) or _unseen(context, url_or_id, block)
    rows = _family(context, first)
    ids = [row.id for row in rows]
    detail = why or (ON_DEMAND if block else "removed on demand")
    if block:
        _block(context, rows, _article_id(context, first), why)
    documents = [d for d in context.index.get(ids) if d]
    try:
        announce(context, documents)
        feed_hints.forget(context, ids)
    except RedisError as e:
        log.warning("The broker does not answer, so nobody was told that the article is gone: %s", e)
    count = withdraw(context, ids, reason=Reason.TAKEN_DOWN if block else Reason.REMOVED, detail=detail)
    return Removal(rows=tuple(r for r in context.ledger.get(ids) if r), documents=count, is_blocked=block)


def check_removable(context: AppContext, given: Sequence[str], *, block: bool) -> None:
    """`BadInput` if `remove` would refuse one of these; changes nothing."""
    context.ledger.refresh()
    for one in given:
        if lookup.row(context, lookup.identify(one)) is None:
            _check_unseen(one, block)


def check_blocked(context: AppContext, given: Sequence[str]) -> None:
    """`BadInput` if `unblock` would refuse one of these; changes nothing."""
    ids = {block.id for block in context.catalog.blocklist.all()}
    for one in given:
        if lookup.identify(one) not in ids:
            raise _not_blocked(one)


def unblock(context: AppContext, url_or_id: str) -> list[Block]:
    """Let an article's addresses in again, all that were blocked together; returns them. `BadInput` if it is not.
    What was removed stays so until it is added with force."""
    id, blocks = lookup.identify(url_or_id), list(context.catalog.blocklist.all())
    head = next((b.article_id or b.id for b in blocks if b.id == id), None)
    if head is None:
        raise _not_blocked(url_or_id)
    together = [b for b in blocks if head in (b.id, b.article_id)]
    context.catalog.blocklist.unblock([b.id for b in together])
    return together


def withdraw(context: AppContext, ids: Sequence[str], *, reason: Reason, detail: str) -> int:
    """Remove documents, their revisions and their rows' claims on them. Returns how many documents there were.

    A crash after the first step leaves rows that still claim a document, so that whoever asked finds them again; the
    last step takes away what a reader filed before its row was retired. What it files later, it takes back itself.
    """
    removed = erase(context, ids)
    context.ledger.tombstone(ids, context.now(), reason=reason, detail=detail)
    return removed + erase(context, ids)


def announce(context: AppContext, documents: Sequence[Document]) -> None:
    """Tell who listens that these are gone: before they are, so that no crash can make it a secret."""
    context.events.publish([Event.of(document, "article.gone") for document in documents])


def _block(context: AppContext, rows: Sequence[Row], article_id: str, why: str) -> None:
    """Block what is not blocked yet; what is stays with those that it was blocked with."""
    already = context.catalog.blocklist.blocked([r.id for r in rows])
    new = [r for r in rows if r.id not in already]
    context.catalog.blocklist.block(
        [
            Block(id=r.id, canonical_url=r.canonical_url, at=context.now(), reason=why, article_id=article_id)
            for r in new
        ]
    )


def _unseen(context: AppContext, given: str, block: bool) -> Row:
    _check_unseen(given, block)
    return create_finished(context, [urls.target(given)], Reason.TAKEN_DOWN, "blocked before it was crawled")[0]


def _check_unseen(given: str, block: bool) -> None:
    if not block or lookup.ID.fullmatch(given):
        raise BadInput(f"{given} was never accepted here; with its address and --block it never will be")


def _not_blocked(given: str) -> BadInput:
    return BadInput(f"{given} is not blocked; `copydesk articles blocked` lists what is")


def _article_id(context: AppContext, row: Row) -> str:
    """The row that holds the article: this one, or where its chain of duplicates ends in a document."""
    document = lookup.document(context, row.id)
    return document.id if document else row.id


def _family(context: AppContext, first: Row) -> list[Row]:
    """The row, that of its article, and all duplicates that lead to it."""
    head = _article_id(context, first)
    found: dict[str, Row] = {first.id: first}
    found |= {r.id: r for r in context.ledger.get([head]) if r}
    leading = [head]
    while leading and len(found) < MOST_ADDRESSES:
        new = [r for r in context.ledger.rows(article_id=leading.pop(), limit=MOST_ADDRESSES) if r.id not in found]
        found |= {r.id: r for r in new}
        leading += [r.id for r in new]
    return list(found.values())


def withdraw_rows(context: AppContext, rows: Sequence[Row]) -> None:
    """Rows without a document of their own are passed over. Who listens is told first, so that no crash can make it a
    secret."""
    own = [r.id for r in rows if r.article_id == r.id]
    if own:
        context.events.publish([Event.of(d, "article.gone") for d in context.index.get(own) if d])
        erase(context, own)
