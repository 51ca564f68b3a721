"""Takedown: delete an article with all its URLs on demand, and block these URLs if requested."""

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
from worker.services.ledger.lifecycle import ON_DEMAND, create_finished

log = logging.getLogger(__name__)
MAX_URLS = 10_000  # maximum number of URLs of one article


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The result of removing an article."""

    rows: tuple[Row, ...]  #: the row that was given first, then those of the article and its duplicates
    documents: int  #: number of deleted documents
    is_blocked: bool


def remove(context: AppContext, url_or_id: str, *, block: bool, why: str = "") -> Removal:
    """Remove an article with all its URLs. Safe to repeat.

    With `block`, none of the URLs is crawled, replayed or indexed again; an unknown URL can be blocked too. Raises
    `BadInput` for an unknown URL without `block`.
    """
    context.ledger.refresh()
    first = lookup.row(context, lookup.identify(url_or_id)) or _create_blocked(context, url_or_id, block)
    article_id = _article_id(context, first)
    rows = _rows_of(context, first, article_id)
    ids = [row.id for row in rows]
    if block:
        _block(context, rows, article_id, why)
    documents = [d for d in context.index.get(ids) if d]
    try:
        announce_gone(context, documents)
        feed_hints.forget(context, ids)
    except RedisError as e:
        log.warning("Event article.gone not published, Redis does not answer: %s", e)
    reason = Reason.TAKEN_DOWN if block else Reason.REMOVED
    count = withdraw(context, ids, reason=reason, detail=why or (ON_DEMAND if block else "removed on demand"))
    return Removal(rows=tuple(r for r in context.ledger.get(ids) if r), documents=count, is_blocked=block)


def check_removable(context: AppContext, given: Sequence[str], *, block: bool) -> None:
    """Raise `BadInput` if `remove` would refuse one of these. Changes nothing."""
    context.ledger.refresh()
    rows = context.ledger.get([lookup.identify(one) for one in given])
    for one, row in zip(given, rows, strict=True):
        if row is None:
            _check_blockable(one, block)


def check_blocked(context: AppContext, given: Sequence[str]) -> None:
    """Raise `BadInput` if `unblock` would refuse one of these. Changes nothing."""
    ids = {block.id for block in context.catalog.blocklist.all()}
    for one in given:
        if lookup.identify(one) not in ids:
            raise _not_blocked(one)


def unblock(context: AppContext, url_or_id: str) -> list[Block]:
    """Unblock all URLs that were blocked together with this one, and return them.

    A removed article comes back only when it is added by force. Raises `BadInput` if the URL is not blocked.
    """
    id, blocks = lookup.identify(url_or_id), list(context.catalog.blocklist.all())
    head = next((b.article_id or b.id for b in blocks if b.id == id), None)
    if head is None:
        raise _not_blocked(url_or_id)
    together = [b for b in blocks if head in (b.id, b.article_id)]
    context.catalog.blocklist.unblock([b.id for b in together])
    return together


def withdraw(context: AppContext, ids: Sequence[str], *, reason: Reason, detail: str) -> int:
    """Delete documents and revisions, and tombstone their rows. Return the number of documents.

    After a crash in the first step, the rows still own documents, so that a repetition finds them. The last step
    deletes documents that were written before their rows were tombstoned. A writer deletes later ones itself.
    """
    deleted = erase(context, ids)
    context.ledger.tombstone(ids, context.now(), reason=reason, detail=detail)
    return deleted + erase(context, ids)


def withdraw_rows(context: AppContext, rows: Sequence[Row]) -> None:
    """Delete the documents of rows whose article is at another URL now. Rows without a document are skipped."""
    ids = [r.id for r in rows if r.article_id == r.id]
    if ids:
        announce_gone(context, [d for d in context.index.get(ids) if d])
        erase(context, ids)


def announce_gone(context: AppContext, documents: Sequence[Document]) -> None:
    """Publish `article.gone` for each document. Call this before deleting: a crash then cannot lose the events."""
    context.events.publish([Event.of(document, "article.gone") for document in documents])


def _block(context: AppContext, rows: Sequence[Row], article_id: str, why: str) -> None:
    """Block rows. Rows that are blocked already keep their block, which groups the URLs of one takedown."""
    already = context.catalog.blocklist.blocked([r.id for r in rows])
    now = context.now()
    context.catalog.blocklist.block([
        Block(id=r.id, canonical_url=r.canonical_url, at=now, reason=why, article_id=article_id)
        for r in rows if r.id not in already
    ])  # fmt: skip


def _create_blocked(context: AppContext, given: str, block: bool) -> Row:
    _check_blockable(given, block)
    detail = "blocked before it was crawled"
    return create_finished(context, [urls.target(given)], Reason.TAKEN_DOWN, detail)[0]


def _check_blockable(given: str, block: bool) -> None:
    if lookup.ID.fullmatch(given):
        raise BadInput(f"Unknown id: {given}")
    if not block:
        raise BadInput(f"Unknown URL: {given}. To block it before it is crawled, pass the URL with --block.")


def _not_blocked(given: str) -> BadInput:
    return BadInput(f"{given} is not blocked. To list the blocked URLs: copydesk articles blocked")


def _article_id(context: AppContext, row: Row) -> str:
    """Return the id of the row that owns the article: this one, or the end of its chain of duplicates."""
    document = lookup.document(context, row.id)
    return document.id if document else row.id


def _rows_of(context: AppContext, first: Row, article_id: str) -> list[Row]:
    """Return the row, the row of its article, and all duplicates of the article."""
    found: dict[str, Row] = {first.id: first}
    found |= {r.id: r for r in context.ledger.get([article_id]) if r}
    owners = [article_id]
    while owners and len(found) < MAX_URLS:
        new = [r for r in context.ledger.rows(article_id=owners.pop(), limit=MAX_URLS) if r.id not in found]
        found |= {r.id: r for r in new}
        owners += [r.id for r in new]
    return list(found.values())
