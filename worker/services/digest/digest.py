"""Waiting pages are read and filed: documents first, then events, then ledger rows, then the spool forgets them.

A crash between two steps brings the pages back; the document's external version and the row's crawl number make the
repetition harmless. Nothing leaves the spool whose row is not finished.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from redis.exceptions import RedisError

from worker import extraction
from worker.errors import CopydeskError, Unavailable, Unreadable
from worker.model.catalog import HostBlocks
from worker.model.reasons import Reason
from worker.model.records import Admission, Article, CrawlResult, Document, Kind, Outcome, Page, Row, State
from worker.queues.event_stream import Event
from worker.services.articles.revisions import erase, keep_former
from worker.services.articles.takedown import withdraw_rows
from worker.services.context import AppContext
from worker.services.digest.to_document import document, is_flat, revised_hash
from worker.services.intake.feed_hints import recall
from worker.services.intake.submit import enqueue_admitted
from worker.services.ledger.admission import admit, again
from worker.services.ledger.canonical_links import believed_canonical, follow
from worker.services.ledger.crawl_result import crawl_result
from worker.telemetry import crawl_seconds

log = logging.getLogger(__name__)
#: Of pages that are not filed, for people.
NO_STORY = {
    Kind.SECTION: "a home, topic or section page: it links to stories and tells none",
    Kind.CONSENT: "a consent wall in place of the story",
    Kind.ERROR: "it says that there is no such page",
    Kind.OTHER: "no story: a form, a shop, a search page or the like",
}
FOR_S = 3.0  # of one task, so that the others of its pool need not wait long
PAUSE_S = 5.0  # until pages are tried again whose store did not answer


def digest(context: AppContext, *, for_s: float = FOR_S) -> int:
    """Read and file what waits, for about that long. Returns how many pages left the spool.

    Raises `Unavailable` when a store does not answer; the pages have then been put back.
    """
    settings = context.settings
    done, until = 0, context.now().timestamp() + for_s
    while (now := context.now().timestamp()) < until:
        batch = context.spool.take(now, settings.digest_batch, settings.digest_lease_s)
        if not batch.pages:
            break
        ids = [p.id for p in batch.pages]
        try:
            _Filing(context).file(batch.pages)
        except (CopydeskError, RedisError) as e:  # a store that does not answer, or refuses us: no fault of the pages
            context.spool.give_back(batch.token, ids, context.now().timestamp() + PAUSE_S)
            raise e if isinstance(e, CopydeskError) else Unavailable(f"Redis does not take what it should: {e}") from e
        context.spool.done(batch.token, ids)
        done += len(ids)
    return done


@dataclass(slots=True)
class _Filing:
    """One batch on its way: what is to be written."""

    context: AppContext
    documents: list[Document] = field(default_factory=list)
    changed: list[Document] = field(default_factory=list)  #: those of a story that was fetched anew and has changed
    anew: list[str] = field(default_factory=list)  #: rows crawled before that have no document yet, or none any more
    results: dict[str, CrawlResult] = field(default_factory=dict)
    removals: list[str] = field(default_factory=list)
    moved: list[tuple[Row, str]] = field(
        default_factory=list
    )  #: rows whose article lives at another, and that one's id
    events: list[Event] = field(default_factory=list)
    hints: Mapping[str, extraction.Hints] = field(default_factory=dict)  #: what sources said of the pages
    furniture: Mapping[str, HostBlocks] = field(default_factory=dict)  #: what each host showed on earlier pages
    took: dict[str, list[float]] = field(default_factory=lambda: {"read": [], "crawl": []})  #: seconds, see timings.py
    blocked: set[str] = field(default_factory=set)  #: rows that were taken down
    shown: dict[str, list[frozenset[str]]] = field(default_factory=lambda: defaultdict(list))  #: and on these

    def file(self, pages: Sequence[Page]) -> None:
        rows = self.context.ledger.get([p.id for p in pages])
        self.furniture = self.context.catalog.boilerplate.of(list({row.host for row in rows if row}))
        self.hints = recall(self.context, [p.id for p in pages])
        self.blocked = self.context.catalog.blocklist.blocked([p.id for p in pages])
        for page, row in zip(pages, rows, strict=True):
            if page.id in self.results:
                continue  # filed from the page of another row, which names this one's address as its own
            if row is not None and row.state is State.QUEUED and row.crawl == page.crawl:
                self._decide(row, page)
            elif row is not None and page.attempt and row.state is State.FINISHED and row.article_id is None:
                self.removals.append(row.id)  # removed after a reader that died had filed it
        self._write()
        self.context.catalog.boilerplate.add(self.shown)

    def _write(self) -> None:
        if self.removals:
            erase(self.context, self.removals)
        if self.anew:
            self.context.catalog.revisions.forget(self.anew)
        keep_former(self.context, self.changed)
        written = self.context.index.write(self.documents) if self.documents else []
        refused = {w.id: w.reason for w in written if w.status == "refused"}
        for id, reason in refused.items():
            self.results[id] = _refused(self.results[id], reason)
        for row, target in self.moved:
            if target in refused:  # it stays where it is
                self.results[row.id] = _refused(self.results[row.id], refused[target])
        withdraw_rows(self.context, [row for row, target in self.moved if target not in refused])
        self.context.events.publish([e for e in self.events if e.id not in refused])
        ended = self.context.ledger.finish(list(self.results.values()))
        took = {id for id, did in zip(self.results, ended, strict=True) if did}
        self._take_back(self.results.keys() - took)
        self.context.telemetry.observe(self.took)
        indexed = took & {d.id for d in self.documents} - refused.keys()
        self.context.telemetry.count(self.context.now(), finished=len(took), indexed=len(indexed))

    def _take_back(self, late: set[str]) -> None:
        """Documents whose rows were removed while they were read."""
        documents = {d.id: d for d in self.documents if d.id in late}
        rows = self.context.ledger.get(list(documents))
        gone = [
            document
            for document, row in zip(documents.values(), rows, strict=True)
            if row is None or (row.state is State.FINISHED and row.article_id != row.id)
        ]
        if gone:
            erase(self.context, [d.id for d in gone])
            self.context.events.publish([Event.of(d, "article.gone") for d in gone])

    def _decide(self, row: Row, page: Page) -> None:
        """What one page comes to: a document, or a settlement that says why not."""
        if row.id in self.blocked:
            self._settle(row, page, Outcome.REJECTED, Reason.TAKEN_DOWN, "its address is blocked")
            return
        if page.attempt >= self.context.settings.digest_attempts:
            detail = f"reading it ended its process or ran out of time {page.attempt} times"
            self._settle(row, page, Outcome.FAILED, Reason.BREAKS_READER, detail)
            if row.article_id != row.id:
                self.removals.append(row.id)  # one of the readers that died may have filed it
            return
        began = time.perf_counter()
        try:
            article = self._read(row, page)
        except Unreadable as e:
            self._settle(row, page, Outcome.REJECTED, Reason.UNREADABLE, str(e))
            return
        except Exception as e:  # a fault of ours: the row says so, the others go on
            log.exception("Reading %s failed", page.url)
            self._settle(row, page, Outcome.FAILED, Reason.READER_ERROR, f"{type(e).__name__}: {e}")
            return
        finally:
            self.took["read"].append(time.perf_counter() - began)
        if not article.kind.is_story:
            self._settle(row, page, Outcome.REJECTED, Reason.not_an_article(article.kind), NO_STORY[article.kind])
        elif not (article.article_body or article.images):
            self._settle(row, page, Outcome.REJECTED, Reason.NO_TEXT, "no story was found on the page")
        elif not self._is_alias(row, page, article):
            self._accept(row, page, article)

    def _read(self, row: Row, page: Page) -> Article:
        """Read a page in the light of what its host showed before, and keep in mind what this one shows: once a row,
        or a story that is crawled five times would look like furniture."""
        if is_flat(page):
            return extraction.read_text(page.body, page.url)
        known = self.furniture[row.host]
        furniture = extraction.HostBoilerplate(pages=known.pages, seen=known.seen)
        hints = replace(self.hints.get(row.id, extraction.Hints()), fetched_at=page.fetched_at)
        explained = extraction.explain(
            page.body, page.url, content_type=page.content_type, boilerplate=furniture, hints=hints
        )
        if row.crawl == 1 and page.attempt == 0:
            self.shown[row.host].append(extraction.fingerprints(v.block.text for v in explained.verdicts))
        return explained.article

    def _is_alias(self, row: Row, page: Page, article: Article) -> bool:
        """Whether the page says that its article lives at another address. If that address has come to no article, this
        one is filed there at once, from this very page."""
        target = believed_canonical(row, article)
        admission = follow(self.context, row, target, self.results) if target else None
        if admission is None:
            return False
        other = admission.row
        self.moved.append((row, other.id))
        detail = f"the page names {other.canonical_url} as its address"
        self._settle(row, page, Outcome.DUPLICATE, Reason.CANONICAL, detail, article_id=other.id)
        if open_row := self._without_article(admission):
            self._accept(open_row, page, article)
        else:
            enqueue_admitted(self.context, [admission])
        return True

    def _without_article(self, admission: Admission) -> Row | None:
        """The row of an address that has come to no article so far, with a crawl that this page can settle: nobody knew
        it, it waits for its own fetch, or that has failed, be it in this batch. Not one whose article was taken away on
        purpose."""
        row, decided = admission.row, self.results.get(admission.row.id)
        if row.article_id or admission.verdict == "blocked" or (row.reason and row.reason.deletes):
            return None
        if decided and decided.outcome not in (Outcome.REJECTED, Outcome.FAILED):
            return None
        if row.state is State.QUEUED:
            return row
        (again_admitted,) = admit(self.context, [again(row)])
        return again_admitted.row if again_admitted.is_queued else None

    def _accept(self, row: Row, page: Page, article: Article) -> None:
        has_document = row.article_id == row.id
        if has_document and not article.article_body and self._had_body(row):
            detail = "the page shows no text any more; the article stays as it was"
            self._settle(row, page, Outcome.UNCHANGED, Reason.NO_TEXT, detail)
            return
        if has_document and row.content_hash == _hash(article) and self._is_filed(row):
            detail = "it says what it said before"
            self._settle(row, page, Outcome.UNCHANGED, Reason.SAME_CONTENT, detail, article=article)
            return
        filed = document(row, page, article)
        self.documents.append(filed)
        if not has_document:
            self.events.append(Event.of(filed, "article.indexed"))
            if row.crawl > 1:
                self.anew.append(row.id)
        elif not str(row.content_hash).startswith(article.content_hash):
            self.events.append(Event.of(filed, "article.changed"))
            if _is_fetched_anew(row, page):
                self.changed.append(filed)
        self._settle(row, page, Outcome.INDEXED, Reason(article.kind), None, article=article, article_id=row.id)

    def _is_filed(self, row: Row) -> bool:
        """Whether the index has what the ledger says; it may have lost it."""
        return self.context.index.get([row.id]) != [None]

    def _had_body(self, row: Row) -> bool:
        filed = self.context.index.get([row.id])[0]
        return filed is not None and bool(filed.article.article_body)

    def _settle(
        self,
        row: Row,
        page: Page,
        outcome: Outcome,
        reason: Reason,
        detail: str | None,
        *,
        article: Article | None = None,
        article_id: str | None = None,
    ) -> None:
        """`article` where the row has it now, so that its hash is kept."""
        self.results[row.id] = crawl_result(
            self.context,
            row,
            outcome,
            reason,
            detail,
            http_status=page.status,
            # Or the host would tell us that what we never read has not changed: a page of another address, or no story.
            etag=page.etag if article and page.id == row.id else None,
            last_modified=page.last_modified if article and page.id == row.id else None,
            content_hash=_hash(article) if article else None,
            article_id=article_id,
            published=article.date_published if article else None,
            gone=False,
            **({"next_crawl_at": None} if page.is_imported else {}),
        )
        self.took["crawl"] += crawl_seconds(row, self.results[row.id])


def _hash(article: Article) -> str:
    return revised_hash(article, extraction.REVISION)


def _is_fetched_anew(row: Row, page: Page) -> bool:
    """Not a page of an earlier crawl, which a replay hands in to be read otherwise."""
    return row.finished_at is None or page.fetched_at > row.finished_at


def _refused(crawl_result: CrawlResult, reason: str | None) -> CrawlResult:
    """The row keeps no hash and no document, so that the next crawl tries again."""
    detail = f"the index refused the article: {reason}"
    return replace(
        crawl_result,
        outcome=Outcome.FAILED,
        reason=Reason.INDEX_REFUSED,
        detail=detail,
        etag=None,
        last_modified=None,
        content_hash=None,
        article_id=None,
    )
