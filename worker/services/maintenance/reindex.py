"""Rebuild the index from the archive: for an improved reader, and for lost documents.

1. Lost documents are read from the archive and written to the current index. Newer writes of workers win, as always by
   the external version. The restored documents stay even if the rest is interrupted.
2. The index is rebuilt. Each document is read again on its way from one generation to the next.
3. Rows take the hashes of their documents. Otherwise the next crawl of an unchanged page would write it again.

No events are published: an article that a better reader reads differently is not news.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from redis.exceptions import RedisError

from worker import extraction
from worker.errors import BadInput
from worker.model.reasons import Reason
from worker.model.records import Document, Outcome, Page, Row, State, crawl_and_revision
from worker.services.context import AppContext
from worker.services.digest.decide import make_document, revision_hash
from worker.services.digest.read_page import ReadTask
from worker.services.digest.reader_pool import ReaderPool
from worker.services.intake import feed_hints
from worker.services.intake.warc_import import (
    earlier_places,
    latest_places,
    make_page,
    places_by_owner,
    read_archived,
)
from worker.storage.ports import RebuildResult

log = logging.getLogger(__name__)
BATCH = 500
MAX_LOST_URLS = 20  # lost articles that are listed by URL
T = TypeVar("T")

#: Called with the stage, the number of finished items, and the number of all items.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRebuild:
    """The result of a rebuild from the archive. A document that was written meanwhile may be counted twice."""

    rebuilt: RebuildResult
    read: int  #: number of documents that were extracted again
    restored: int  #: number of lost documents that were restored from the archive
    kept: Mapping[Reason, int]  #: number of documents that were copied unchanged, by reason
    lost: Mapping[Reason, int]  #: number of articles that could not be restored, by reason
    lost_urls: tuple[str, ...]  #: URLs of the first lost articles


def rebuild_from_archive(context: AppContext, progress: Progress) -> ArchiveRebuild:
    """Rebuild the index. Safe to interrupt and to repeat, and while workers run.

    Raises `BadInput` if the archive does not hold any pages.
    """
    began = context.now()
    places = _places(context)
    if not places:
        raise BadInput("The archive does not hold any pages. To rebuild without it: copydesk index rebuild")
    with ReaderPool(context.settings.processes) as readers:
        rebuild = _Rebuild(context, places, readers, began)
        rebuild.restore_lost(partial(progress, "restoring"))
        rebuilt = context.index.rebuild(partial(progress, "rebuilding"), rebuild.renew)
    rebuild.delete_late(sorted(rebuild.restored))
    rebuild.update_rows(lambda done: progress("comparing", done, max(done, rebuilt.documents)))
    return ArchiveRebuild(
        rebuilt=rebuilt,
        read=rebuild.read,
        restored=len(rebuild.restored),
        kept=rebuild.kept,
        lost=rebuild.lost,
        lost_urls=tuple(rebuild.lost_urls),
    )


def _places(context: AppContext) -> dict[str, str]:
    """Return the archive position of the latest page of each article, from any of its URLs."""
    latest = latest_places(context)
    places: dict[str, str] = {}
    for part in _batches(latest, BATCH):
        places |= places_by_owner(context, {id: latest[id] for id in part}, latest)
    return places


@dataclass(slots=True)
class _Rebuild:
    """A rebuild in progress, and its counts."""

    context: AppContext
    places: dict[str, str]  #: archive position of the latest page, by article id
    readers: ReaderPool
    began: datetime
    read: int = 0
    kept: Counter[Reason] = field(default_factory=Counter)
    restored: set[str] = field(default_factory=set)
    lost: Counter[Reason] = field(default_factory=Counter)
    unread: dict[str, Reason] = field(default_factory=dict)  #: by lost article: its page's reason
    lost_urls: list[str] = field(default_factory=list)

    def restore_lost(self, progress: Callable[[int, int], None]) -> None:
        """Write the documents that the ledger knows and the index does not have."""
        self.context.ledger.refresh()
        self.context.index.refresh()
        present = set(self.context.index.ids())
        missing, done = [row.id for row in self._rows_with_article() if row.id not in present], 0
        for part in _batches(missing, self.context.settings.digest_batch):
            self._restore(part)
            done += len(part)
            progress(done, len(missing))
        if self.unread:
            self._restore_from_earlier_pages()

    def _restore_from_earlier_pages(self) -> None:
        """Try earlier pages: the latest page of a lost article may be a consent wall or an error."""
        earlier = earlier_places(self.context, self.unread)
        while left := {id: places for id, places in earlier.items() if places and id not in self.restored}:
            self.places |= {id: places.pop(0) for id, places in left.items()}
            for part in _batches(left, self.context.settings.digest_batch):
                self._restore(part)

    def _restore(self, ids: Sequence[str]) -> None:
        rows = self._still_missing(ids)
        hints = self._recall_hints([row.id for row in rows])
        pages = [(row, self._page(row)) for row in rows]
        found = self._read([(_as_indexed(r), p, hints.get(r.id, extraction.Hints())) for r, p in pages if p])
        written = self.context.index.write([d for d in found.values() if isinstance(d, Document)])
        restored = [w.id for w in written if w.status == "written"]
        self.restored |= set(restored)
        self.unread |= {id: answer for id, answer in found.items() if isinstance(answer, Reason)}
        self.delete_late(restored)

    def _still_missing(self, ids: Sequence[str]) -> list[Row]:
        """Return the rows whose document is still missing and that are not being taken down."""
        blocked = self.context.catalog.blocklist.blocked(ids)
        rows = [row for row in self._owners(ids).values() if row.id not in blocked]
        documents = self.context.index.get([row.id for row in rows])
        return [row for row, document in zip(rows, documents, strict=True) if document is None]

    def delete_late(self, ids: Sequence[str]) -> None:
        """Delete documents whose articles were deleted or moved while they were restored."""
        for part in _batches(ids, BATCH):
            if gone := set(part) - self._owners(part).keys():
                self.context.index.delete(sorted(gone))
                self.restored -= gone

    def renew(self, documents: Sequence[Document]) -> list[Document]:
        """Return documents extracted by the current reader. A document without an archived article stays unchanged."""
        size = self.context.settings.digest_batch
        return [renewed for part in _batches(documents, size) for renewed in self._renew(part)]

    def _renew(self, documents: Sequence[Document]) -> list[Document]:
        rows = self._owners([d.id for d in documents])
        pages = {d.id: self._page_of(d, rows.get(d.id)) for d in documents if d.id not in self.restored}
        found = self._read([
            (replace(rows[d.id], crawl=crawl_and_revision(d.version)[0]), p, _hints_of(d))
            for d in documents if isinstance(p := pages.get(d.id), Page)
        ])  # fmt: skip
        emptied = {d.id: Reason.NO_TEXT for d in documents if d.article.article_body and _is_empty(found.get(d.id))}
        answers = {**pages, **found, **emptied}
        # A document stays even if its latest page is not an article: the page may be a consent wall, and a rebuild
        # must not cost articles. The next crawl or replay decides about such a row.
        self.kept.update(a for a in answers.values() if isinstance(a, Reason))
        self.read += sum(isinstance(a, Document) for a in answers.values())
        return [a if isinstance(a := answers.get(d.id), Document) else d for d in documents]

    def _page_of(self, document: Document, row: Row | None) -> Page | Reason:
        """Return the page to read a document from, or why the document is kept as it is."""
        if row is None:
            return Reason.NO_ROW
        revision = crawl_and_revision(document.version)[1]
        if revision > extraction.REVISION:
            return Reason.NEWER_READER
        was_indexed_meanwhile = row.outcome is Outcome.INDEXED and (row.finished_at or self.began) > self.began
        if revision == extraction.REVISION and was_indexed_meanwhile:
            return Reason.READ_MEANWHILE
        page = self._page(row)
        # Older than the document's own page, which was not archived or arrived after the archive was listed.
        return page if page and page.fetched_at >= document.fetched_at else Reason.NOT_ARCHIVED

    def _page(self, row: Row) -> Page | None:
        place = self.places.get(row.id)
        fetched = read_archived(self.context, place) if place else None
        return make_page(row, fetched, place) if fetched else None

    def _read(self, wanted: Sequence[tuple[Row, Page, extraction.Hints]]) -> dict[str, Document | Reason]:
        """Return the document that each row's page gives, or the reason why it gives none."""
        hosts = self.context.catalog.boilerplate.of(list({row.host for row, _, _ in wanted}))
        html = self.context.settings.index_html
        tasks = [
            ReadTask(page=page, host_blocks=hosts[row.host], hints=hints, wants_html=html)
            for row, page, hints in wanted
        ]
        found: dict[str, Document | Reason] = {}
        for (row, page, _), read in zip(wanted, self.readers.read(tasks), strict=True):
            if read.article:
                found[row.id] = make_document(row, page, read.article)
            elif read.reason:
                found[row.id] = read.reason
        return found

    def update_rows(self, progress: Callable[[int], None]) -> None:
        """Give rows the hashes of their documents, and clear the hashes of lost articles.

        Only finished rows are updated: a crawl under way decides by the hash that it began with, so that changes are
        announced. Without hash and validators, the next crawl cannot call a lost article unchanged.
        """
        self.context.ledger.refresh()
        done = 0
        for rows in _batches(self._rows_with_article(), BATCH):
            documents = {d.id: d for d in self.context.index.get([row.id for row in rows]) if d}
            lost = self._owners([row.id for row in rows if row.id not in documents])
            cleared = [replace(row, content_hash=None, etag=None, last_modified=None) for row in lost.values()]
            finished = [row for row in rows if row.id in documents and row.state is State.FINISHED]
            renewed = [replace(row, content_hash=_hash(documents[row.id])) for row in finished]
            changed = [new for new, old in zip(renewed, finished, strict=True) if new != old]
            self.context.ledger.update_content_hash(cleared + changed)
            self.lost.update(self.unread.get(id, Reason.NOT_ARCHIVED) for id in lost)
            self.lost_urls += [row.url for row in lost.values()][: MAX_LOST_URLS - len(self.lost_urls)]
            done += len(rows)
            progress(done)

    def _rows_with_article(self) -> Iterator[Row]:
        return (row for row in self.context.ledger.scan() if row.article_id == row.id)

    def _owners(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return the current rows among these that have a document of their own."""
        return {row.id: row for row in self.context.ledger.get(ids) if row and row.article_id == row.id}

    def _recall_hints(self, ids: Sequence[str]) -> dict[str, extraction.Hints]:
        try:
            return feed_hints.recall(self.context, ids)
        except RedisError as e:  # the index can be rebuilt while Redis is down
            log.debug("Rebuilding without hints of sources: %s", e)
            return {}


def _is_empty(answer: Document | Reason | None) -> bool:
    return isinstance(answer, Document) and not answer.article.article_body


def _as_indexed(row: Row) -> Row:
    """Return the row as of its last finished crawl. The number of a running crawl belongs to the next document."""
    return row if row.state is State.FINISHED else replace(row, crawl=row.crawl - 1)


def _hints_of(document: Document) -> extraction.Hints:
    """Return the hints that a document used when it was read. Redis has deleted them since."""
    article = document.article
    used = {name: getattr(article, name) for name, p in article.provenance.items() if p.source == "hint"}
    return extraction.Hints(**used)


def _hash(document: Document) -> str:
    return revision_hash(document.article, crawl_and_revision(document.version)[1])


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
