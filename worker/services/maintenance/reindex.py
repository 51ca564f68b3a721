"""The index made anew from ledger and archive: for a reader that has become better, and for documents that were lost.

What is lost is read first and filed in the present index, by external version as ever, so the newer writes of workers
win, and it stays should the rest be broken off. Then the index is rebuilt, and each document is read anew on its way
from one generation to the next. Last, rows take the hashes of what is filed: else the next crawl of an unchanged page
would file it once more. Nobody is told by an event: what a better reader finds is no news.
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
from worker.model.records import Article, Document, Outcome, Page, Row, State, crawl_and_revision
from worker.services.context import AppContext
from worker.services.digest.reader_pool import Readers, Unread
from worker.services.digest.to_document import document, revised_hash
from worker.services.intake import feed_hints
from worker.services.intake.warc_import import earlier_places, latest_places, owned_places, page, read_archived
from worker.storage.ports import RebuildResult

log = logging.getLogger(__name__)
BATCH = 500
NAMED = 20  # lost articles that are named one by one
T = TypeVar("T")

Progress = Callable[[str, int, int], None]  #: told the stage, and done and all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What a rebuild from the archive came to. A document that was written meanwhile may count twice."""

    rebuilt: RebuildResult
    read: int  #: documents read anew
    restored: int  #: documents that the index had lost, read from the archive
    kept: Mapping[Reason, int]  #: documents as they stood, by why: `NOT_ARCHIVED`, `CONSENT_PAGE` …
    lost: Mapping[Reason, int]  #: articles that the ledger knows and the index does not, by why they were not restored
    named: tuple[str, ...]  #: addresses of the first of those


def rebuild_from_archive(context: AppContext, progress: Progress) -> Renewed:
    """Safe to break off and to repeat, and while workers run. `BadInput` where the archive holds no pages."""
    began = context.now()
    places = _places(context)
    if not places:
        raise BadInput("the archive holds no pages to read; `copydesk index rebuild` copies the documents as they are")
    with Readers(context.settings.processes) as readers:
        renewal = _Renewal(context, places, readers, began)
        renewal.restore(partial(progress, "restoring"))
        rebuilt = context.index.rebuild(partial(progress, "rebuilding"), renewal.renew)
    renewal.take_back(sorted(renewal.restored))
    renewal.agree(lambda done: progress("comparing", done, max(done, rebuilt.documents)))
    return Renewed(
        rebuilt=rebuilt,
        read=renewal.read,
        restored=len(renewal.restored),
        kept=renewal.kept,
        lost=renewal.lost,
        named=tuple(renewal.named),
    )


def _places(context: AppContext) -> dict[str, str]:
    """Row id -> place of the last page that was fetched for its article, under whichever address that was."""
    latest = latest_places(context)
    places: dict[str, str] = {}
    for part in _parts(latest, BATCH):
        places |= owned_places(context, {id: latest[id] for id in part}, latest)
    return places


@dataclass(slots=True)
class _Renewal:
    context: AppContext
    places: dict[str, str]  #: article -> where in the archive its page lies
    readers: Readers
    began: datetime
    read: int = 0
    kept: Counter[Reason] = field(default_factory=Counter)
    restored: set[str] = field(default_factory=set)
    lost: Counter[Reason] = field(default_factory=Counter)
    unread: dict[str, Reason] = field(
        default_factory=dict
    )  #: missing article -> why its last page does not bring it back
    named: list[str] = field(default_factory=list)

    def restore(self, progress: Callable[[int, int], None]) -> None:
        """File what the ledger knows and the index does not."""
        self.context.ledger.refresh()
        self.context.index.refresh()
        filed = set(self.context.index.ids())
        missing, done = [row.id for row in self._claiming_rows() if row.id not in filed], 0
        for part in _parts(missing, self.context.settings.digest_batch):
            self._restore(part)
            done += len(part)
            progress(done, len(missing))
        if self.unread:
            self._restore_from_earlier_pages()

    def _restore_from_earlier_pages(self) -> None:
        """The last page of a lost article may be a wall, or an error, and an earlier one its story."""
        earlier = earlier_places(self.context, self.unread)
        while left := {id: places for id, places in earlier.items() if places and id not in self.restored}:
            self.places |= {id: places.pop(0) for id, places in left.items()}
            for part in _parts(left, self.context.settings.digest_batch):
                self._restore(part)

    def _restore(self, ids: Sequence[str]) -> None:
        rows = self._still_missing(ids)
        told = self._recall([row.id for row in rows])
        pages = [(row, self._page(row)) for row in rows]
        found = self._read([(_as_filed(r), p, told.get(r.id, extraction.Hints())) for r, p in pages if p])
        written = self.context.index.write([d for d in found.values() if isinstance(d, Document)])
        restored = [w.id for w in written if w.status == "written"]
        self.restored |= set(restored)
        self.unread |= {id: answer for id, answer in found.items() if isinstance(answer, Reason)}
        self.take_back(restored)

    def _still_missing(self, ids: Sequence[str]) -> list[Row]:
        """As of now, and without what is just being taken down."""
        blocked = self.context.catalog.blocklist.blocked(ids)
        rows = [row for row in self._claimants(ids).values() if row.id not in blocked]
        there = self.context.index.get([row.id for row in rows])
        return [row for row, found in zip(rows, there, strict=True) if found is None]

    def take_back(self, ids: Sequence[str]) -> None:
        """Documents whose rows were removed, or have moved, while they were restored."""
        for part in _parts(ids, BATCH):
            if gone := set(part) - self._claimants(part).keys():
                self.context.index.delete(sorted(gone))
                self.restored -= gone

    def renew(self, stood: Sequence[Document]) -> list[Document]:
        """As today's reader has them; each as it stands where there is no page, or no story on it."""
        size = self.context.settings.digest_batch
        return [renewed for part in _parts(stood, size) for renewed in self._renew(part)]

    def _renew(self, stood: Sequence[Document]) -> list[Document]:
        rows = self._claimants([d.id for d in stood])
        pages = {d.id: self._page_of(d, rows.get(d.id)) for d in stood if d.id not in self.restored}
        found = self._read([
            (replace(rows[d.id], crawl=crawl_and_revision(d.version)[0]), p, _hints(d))
            for d in stood if isinstance(p := pages.get(d.id), Page)
        ])  # fmt: skip
        emptied = {d.id: Reason.NO_TEXT for d in stood if d.article.article_body and _is_empty(found.get(d.id))}
        answers = {**pages, **found, **emptied}
        # What is no story any more stays: its last page may well be the consent wall that took its place, and a rebuild
        # must not cost articles. The next crawl or replay settles such a row by the rules.
        self.kept.update(a for a in answers.values() if isinstance(a, Reason))
        self.read += sum(isinstance(a, Document) for a in answers.values())
        return [a if isinstance(a := answers.get(d.id), Document) else d for d in stood]

    def _page_of(self, stands: Document, row: Row | None) -> Page | Reason:
        """The page to read a document from, or why it is better left as it stands."""
        if row is None:
            return Reason.NO_ROW
        revision = crawl_and_revision(stands.version)[1]
        if revision > extraction.REVISION:
            return Reason.NEWER_READER
        if (
            revision == extraction.REVISION
            and row.outcome is Outcome.INDEXED
            and (row.finished_at or self.began) > self.began
        ):
            return Reason.READ_MEANWHILE
        found = self._page(row)
        # An older page than the document's own: that was not archived, or came after we had looked through the archive.
        return found if found and found.fetched_at >= stands.fetched_at else Reason.NOT_ARCHIVED

    def _page(self, row: Row) -> Page | None:
        place = self.places.get(row.id)
        fetched = read_archived(self.context, place) if place else None
        return page(row, fetched, place) if fetched else None

    def _read(self, wanted: Sequence[tuple[Row, Page, extraction.Hints]]) -> dict[str, Document | Reason]:
        """By row, a document of the crawl that the row is given with, or why there is none."""
        known = self.context.catalog.boilerplate.of(list({row.host for row, _, _ in wanted}))
        answers = self.readers.read([Unread(page=p, known=known[r.host], hints=h) for r, p, h in wanted])
        return {
            row.id: document(row, page, answer) if isinstance(answer, Article) else answer
            for (row, page, _), answer in zip(wanted, answers, strict=True)
        }

    def agree(self, progress: Callable[[int], None]) -> None:
        """Rows say by their hash what is filed. A crawl under way decides by the hash that it began with, so that
        changes are told. Rows whose article is lost forget what would let the next crawl call it unchanged."""
        self.context.ledger.refresh()
        done = 0
        for rows in _parts(self._claiming_rows(), BATCH):
            filed = {d.id: d for d in self.context.index.get([row.id for row in rows]) if d}
            lost = self._claimants([row.id for row in rows if row.id not in filed])
            unknown = [replace(row, content_hash=None, etag=None, last_modified=None) for row in lost.values()]
            known = [replace(r, content_hash=_hash(filed[r.id])) for r in rows if r.id in filed]
            old = {row.id: row for row in rows if row.state is State.FINISHED}
            self.context.ledger.update_content_hash(unknown + [r for r in known if r.id in old and r != old[r.id]])
            self.lost.update(self.unread.get(id, Reason.NOT_ARCHIVED) for id in lost)
            self.named += [row.url for row in lost.values()][: NAMED - len(self.named)]
            done += len(rows)
            progress(done)

    def _claiming_rows(self) -> Iterator[Row]:
        return (row for row in self.context.ledger.scan() if row.article_id == row.id)

    def _claimants(self, ids: Sequence[str]) -> dict[str, Row]:
        """Those rows that have a document of their own, as of now."""
        return {row.id: row for row in self.context.ledger.get(ids) if row and row.article_id == row.id}

    def _recall(self, ids: Sequence[str]) -> dict[str, extraction.Hints]:
        try:
            return feed_hints.recall(self.context, ids)
        except RedisError as e:  # the index can be mended while the stack is down
            log.debug("What sources said of the pages is not at hand: %s", e)
            return {}


def _is_empty(answer: Document | Reason | None) -> bool:
    return isinstance(answer, Document) and not answer.article.article_body


def _as_filed(row: Row) -> Row:
    """The row as of its last crawl that has ended: the version of the one under way is that of the next document."""
    return row if row.state is State.FINISHED else replace(row, crawl=row.crawl - 1)


def _hints(stands: Document) -> extraction.Hints:
    """What sources said of a page, as far as its document took it from them: Redis has let go of it."""
    article = stands.article
    said = {name: getattr(article, name) for name, p in article.provenance.items() if p.source == "hint"}
    return extraction.Hints(**said)


def _hash(filed: Document) -> str:
    return revised_hash(filed.article, crawl_and_revision(filed.version)[1])


def _parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    while part := list(islice(left, size)):
        yield part
