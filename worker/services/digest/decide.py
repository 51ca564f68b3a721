"""Decide about a page: one pure function from page, row and read result to a decision.

Everything that a decision depends on is looked up first, for the whole batch. Crawls, imports and replays use these
decisions; a rebuild of the index uses `make_document`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from worker import extraction, urls
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.model.reasons import Reason
from worker.model.records import Article, CrawlResult, Document, Outcome, Page, Row, State, document_version
from worker.services.digest.read_page import ReadResult
from worker.services.ledger.duplicates import LedgerView, Link, canonical_target, resolve, without_article
from worker.services.ledger.lifecycle import crawl_result_at

#: Fields that belong to the revision hash although readers would not call their change a change of the article.
METADATA_FIELDS = (
    "kind", "description", "byline", "agency", "article_section", "keywords", "language", "date_published",
    "date_modified", "dateline", "publisher",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInput:
    """One page of a batch with its row and its result."""

    page: Page
    row: Row | None
    read: ReadResult | None = None  #: None if the page was not read: it is late, blocked, or breaks the reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """The ledger rows, blocked ids and documents that the decisions about a batch need."""

    settings: Settings
    ledger: LedgerView
    blocked: AbstractSet[str] = frozenset()  #: ids of blocked rows
    documents: Mapping[str, Document] = field(default_factory=dict)  #: of the rows that `needs_document` names


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """The page is late: its row is finished, or waits for another crawl."""

    page: Page
    deletes_document: bool = False  #: True if a dead process wrote a document after the row was tombstoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The crawl ends without writing a document: unchanged, rejected or failed."""

    row: Row
    result: CrawlResult
    deletes_document: bool = False  #: True if a dead process may have written a document for this crawl


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexArticle:
    """The article is written to the index."""

    row: Row
    result: CrawlResult
    document: Document
    event: str | None = None  #: "article.indexed", "article.changed", or None if readers would see no change
    replaces: bool = False  #: True if a recrawl changed the text: the earlier text becomes a revision
    forgets_revisions: bool = False  #: True if the revisions of an earlier article of the row must be deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkDuplicate:
    """The page names another URL of its article. The article is indexed there if that row has none."""

    row: Row
    result: CrawlResult
    link: Link
    index: IndexArticle | None = None


Decision = Ignore | Finish | IndexArticle | MarkDuplicate


def may_read(page: Page, row: Row | None, blocked: AbstractSet[str], settings: Settings) -> bool:
    """Return True if the page is of the current crawl, not blocked, and has not crashed its reader too often."""
    return _is_awaited(page, row) and page.id not in blocked and page.attempt < settings.digest_attempts


def needs_document(row: Row, article: Article) -> bool:
    """Return True if the decision depends on the document that the row has in the index."""
    return row.article_id == row.id and (not article.article_body or row.content_hash == current_hash(article))


def decide_batch(inputs: Sequence[PageInput], lookups: Lookups) -> list[Decision]:
    """Decide about pages in order. Each decision sees the results of those before it."""
    pending: dict[str, CrawlResult] = {}
    decisions: list[Decision] = []
    for one in inputs:
        if one.page.id in pending:  # indexed from the page of another row that names this row's URL as canonical
            decisions.append(Ignore(page=one.page))
            continue
        view = replace(lookups.ledger, pending=pending)
        decision = decide(one, replace(lookups, ledger=view))
        decisions.append(decision)
        pending |= {result.id: result for result in results_of(decision)}
    return decisions


def results_of(decision: Decision) -> Iterator[CrawlResult]:
    """Yield the results of the crawls that a decision ends."""
    if isinstance(decision, Ignore):
        return
    yield decision.result
    if isinstance(decision, MarkDuplicate) and decision.index:
        yield decision.index.result


def decide(one: PageInput, lookups: Lookups) -> Decision:
    """Return the decision about a page."""
    page, row, read = one.page, one.row, one.read
    if row is None or not _is_awaited(page, row):
        was_deleted = row is not None and row.state is State.FINISHED and row.article_id is None
        return Ignore(page=page, deletes_document=was_deleted and page.attempt > 0)
    deciding = _Deciding(page, row, lookups)
    if row.id in lookups.blocked:
        return deciding.finish(Outcome.REJECTED, Reason.TAKEN_DOWN, "the URL is blocked")
    if page.attempt >= lookups.settings.digest_attempts:
        detail = f"the process of the reader ended, or ran out of time, {page.attempt} times"
        failed = deciding.finish(Outcome.FAILED, Reason.BREAKS_READER, detail)
        return replace(failed, deletes_document=row.article_id != row.id)
    assert read is not None  # `may_read` is True for all others
    if read.article is None:
        assert read.reason is not None
        outcome = Outcome.REJECTED if read.reason.refuses else Outcome.FAILED
        return deciding.finish(outcome, read.reason, read.detail)
    return deciding.duplicate(read.article) or deciding.accept(read.article)


def _is_awaited(page: Page, row: Row | None) -> bool:
    return row is not None and row.state is State.QUEUED and row.crawl == page.crawl


@dataclass(frozen=True, slots=True)
class _Deciding:
    """The steps that decide about one page. `row` is the page's own row, or that of its canonical URL."""

    page: Page
    row: Row
    lookups: Lookups

    def finish(self, outcome: Outcome, reason: Reason, detail: str, article: Article | None = None) -> Finish:
        return Finish(row=self.row, result=self._result(outcome, reason, detail, article=article))

    def duplicate(self, article: Article) -> MarkDuplicate | None:
        target = canonical_target(self.row, article)
        link = resolve(self.row, target, self.lookups.ledger) if target else None
        if link is None:
            return None
        other = link.expected.row
        detail = f"the page names {other.canonical_url} as its canonical URL"
        result = self._result(Outcome.DUPLICATE, Reason.CANONICAL, detail, article_id=other.id)
        index = None
        if free := without_article(link, self.lookups.ledger):
            link, index = free, replace(self, row=free.expected.row)._index(article)
        return MarkDuplicate(row=self.row, result=result, link=link, index=index)

    def accept(self, article: Article) -> Finish | IndexArticle:
        document = self.lookups.documents.get(self.row.id)
        if self._has_document and not article.article_body and document and document.article.article_body:
            return self.finish(Outcome.UNCHANGED, Reason.NO_TEXT, "the page has no text any more; the article stays")
        if self._has_document and document and self.row.content_hash == current_hash(article):
            return self.finish(Outcome.UNCHANGED, Reason.SAME_CONTENT, Reason.SAME_CONTENT.explanation, article)
        return self._index(article)

    @property
    def _has_document(self) -> bool:
        return self.row.article_id == self.row.id

    def _index(self, article: Article) -> IndexArticle:
        row, page = self.row, self.page
        says_the_same = str(row.content_hash).startswith(article.content_hash)
        event = "article.indexed" if not self._has_document else None if says_the_same else "article.changed"
        # A replay reads the page of an earlier crawl with a newer reader. A difference is not a correction.
        is_fetched_again = row.finished_at is None or page.fetched_at > row.finished_at
        return IndexArticle(
            row=row,
            result=self._result(Outcome.INDEXED, Reason(article.kind), None, article=article, article_id=row.id),
            document=make_document(row, page, article),
            event=event,
            replaces=event == "article.changed" and is_fetched_again,
            forgets_revisions=not self._has_document and row.crawl > 1,
        )

    def _result(
        self, outcome: Outcome, reason: Reason, detail: str | None, *, article: Article | None = None, **more: Any
    ) -> CrawlResult:
        """Return the result of the crawl. With an article, the row keeps its hash and the validators of its page.

        Validators of a page that was not indexed at its own URL are not kept: the host would answer that nothing has
        changed, and the page would never be read.
        """
        page = self.page
        if page.is_imported:
            more["next_crawl_at"] = None
        return crawl_result_at(
            self.lookups.settings,
            self.lookups.ledger.now,
            self.row,
            outcome,
            reason,
            detail,
            published=article.date_published if article else None,
            http_status=page.status,
            etag=page.etag if article and page.id == self.row.id else None,
            last_modified=page.last_modified if article and page.id == self.row.id else None,
            content_hash=current_hash(article) if article else None,
            gone=False,
            **more,
        )


def make_document(row: Row, page: Page, article: Article) -> Document:
    """Return the document that this version of the reader writes for this crawl of the row."""
    return Document(
        id=row.id,
        version=document_version(row.crawl, extraction.REVISION),
        article=article,
        url=_display_url(row, article),
        host=row.host,
        source=row.source,
        fetched_at=page.fetched_at,
        first_seen_at=row.first_seen_at or page.fetched_at,
    )


def current_hash(article: Article) -> str:
    """Return the revision hash of an article that this version of the reader has read."""
    return revision_hash(article, extraction.REVISION)


def revision_hash(article: Article, revision: int) -> str:
    """Return a hash of the article's text, its metadata and the revision of the reader.

    If only the last two differ, the document is written again, but that is not a change to announce.
    """
    metadata = "\x00".join(str(getattr(article, name)) for name in METADATA_FIELDS)
    digest = hashlib.blake2b(metadata.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{article.content_hash}.{digest}.{revision}"


def _display_url(row: Row, article: Article) -> str:
    """Return the URL to show: the page's spelling of its canonical URL, if that is this row's (not its AMP form)."""
    try:
        named = urls.canonicalize(article.canonical_url) if article.canonical_url else ""
    except BadInput:
        return row.canonical_url
    return named if named and urls.url_id(named) == row.id else row.canonical_url
