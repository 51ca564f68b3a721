"""Revisions: earlier versions of articles.

The size is bounded: long texts are cut, and the oldest revisions of a history are dropped first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from worker.model.catalog import ArticleHistory, Revision
from worker.model.records import Document
from worker.storage.catalog.collection import Collection
from worker.storage.ports import Decision, DocumentStore, Put

BODY_CHARS = 200_000  #: maximum length of the body in a revision
LINE_CHARS = 2_000  #: maximum length of each other text in a revision
LINES = 100  #: maximum number of authors, captions or credits in a revision
HISTORY_CHARS = 600_000  #: maximum length of all texts of a history; the newest revision is kept even if it is longer


class Revisions:
    """The collection of revisions, one history for each article, by article id."""

    def __init__(self, document_store: DocumentStore) -> None:
        self._histories = Collection(document_store, "revisions", ArticleHistory, key=lambda h: h.id)

    def of(self, id: str) -> tuple[Revision, ...]:
        """Return the revisions of an article, newest last."""
        history = self._histories.get(id)
        return history.revisions if history else ()

    def keep(self, replaced: Mapping[str, Revision], most: int) -> None:
        """Add one revision to each article, given by article id. Keep the `most` newest of each article.

        A revision replaces an earlier one of the same version.
        """

        def add(id: str, history: ArticleHistory | None) -> Decision[ArticleHistory]:
            revisions = {r.version: r for r in (*(history.revisions if history else ()), replaced[id])}
            return Put(ArticleHistory(id=id, revisions=_newest(revisions.values(), most)))

        self._histories.change(replaced, add)

    def forget(self, ids: Sequence[str]) -> int:
        """Delete the histories of articles. Return the number of articles that had one."""
        return self._histories.delete(ids)


def revision(document: Document, *, replaced_at: datetime | None = None) -> Revision:
    """Return a document as a revision, with its texts cut."""
    article = document.article
    return Revision(
        version=document.version,
        fetched_at=document.fetched_at,
        replaced_at=replaced_at,
        content_hash=article.content_hash,
        headline=article.headline[:LINE_CHARS] if article.headline else None,
        description=article.description[:LINE_CHARS] if article.description else None,
        article_body=article.article_body[:BODY_CHARS],
        author=_lines(article.author),
        caption_text=_lines(article.caption_text),
        credit_text=_lines(article.credit_text),
        date_modified=article.date_modified,
    )


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text[:LINE_CHARS] for text in texts[:LINES])


def _newest(revisions: Iterable[Revision], most: int) -> tuple[Revision, ...]:
    """Return the newest revisions that fit into HISTORY_CHARS, newest last."""
    kept: list[Revision] = []
    room = HISTORY_CHARS
    for revision in sorted(revisions, key=lambda r: r.version, reverse=True)[:most]:
        room -= _chars(revision)
        if kept and room < 0:
            break
        kept.append(revision)
    return tuple(reversed(kept))


def _chars(revision: Revision) -> int:
    texts = (
        revision.headline or "",
        revision.description or "",
        revision.article_body,
        *revision.author,
        *revision.caption_text,
        *revision.credit_text,
    )
    return sum(map(len, texts))
