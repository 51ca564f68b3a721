"""What articles said before they changed. Bounded: texts are cut, and of a history the oldest go first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from worker.model.catalog import ArticleHistory, Revision
from worker.model.records import Document
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore

BODY_CHARS = 200_000  #: of one revision
LINE_CHARS = 2_000  #: of any other text of it
LINES = 100  #: authors or captions of it
ROOM_CHARS = 600_000  #: of all texts of a history; the newest revision is kept however long


class Revisions:
    """Of each article, by its id."""

    def __init__(self, document_store: DocumentStore) -> None:
        self._histories = Collection(document_store, "revisions", ArticleHistory, key=lambda h: h.id)

    def of(self, id: str) -> tuple[Revision, ...]:
        """The newest last."""
        history = self._histories.get(id)
        return history.revisions if history else ()

    def keep(self, replaced: Mapping[str, Revision], most: int) -> None:
        """Add a revision each, by article, in place of one of the same version; of each article the `most` newest
        stay."""

        def add(id: str, there: ArticleHistory | None) -> ArticleHistory:
            revisions = {r.version: r for r in (*(there.revisions if there else ()), replaced[id])}
            return ArticleHistory(id=id, revisions=_newest(revisions.values(), most))

        self._histories.change(replaced, add)

    def forget(self, ids: Sequence[str]) -> int:
        """Returns how many articles had any."""
        return self._histories.delete(ids)


def revision(document: Document, *, replaced_at: datetime | None = None) -> Revision:
    """What a document says, in the form in which it is kept."""
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
    """As many of the newest as there is room for, the newest last."""
    kept: list[Revision] = []
    room = ROOM_CHARS
    for one in sorted(revisions, key=lambda r: r.version, reverse=True)[:most]:
        room -= _chars(one)
        if kept and room < 0:
            break
        kept.append(one)
    return tuple(reversed(kept))


def _chars(one: Revision) -> int:
    texts = (
        one.headline or "",
        one.description or "",
        one.article_body,
        *one.author,
        *one.caption_text,
        *one.credit_text,
    )
    return sum(map(len, texts))
