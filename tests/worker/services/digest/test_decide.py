"""Decisions about pages, without any store: `decide_batch` is pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from worker import urls
from worker.config.settings import Settings
from worker.model.reasons import Reason
from worker.model.records import Article, Kind, Outcome, Page, Row, State
from worker.services.digest.decide import (
    Decision,
    Finish,
    Ignore,
    IndexArticle,
    Lookups,
    MarkDuplicate,
    PageInput,
    current_hash,
    decide_batch,
    make_document,
)
from worker.services.digest.read_page import ReadResult
from worker.services.ledger.duplicates import LedgerView
from worker.storage import row_transitions

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
URL, OTHER = "https://news.example/print/bridge-12345", "https://news.example/story/bridge-12345"
ARTICLE = Article(url=URL, kind=Kind.ARTICLE, headline="Bridge", article_body="The bridge is open.")


def _row(url: str = URL) -> Row:
    return row_transitions.admit(None, urls.target(url), NOW).row


def _page(row: Row, attempt: int = 0) -> Page:
    page = Page(id=row.id, crawl=row.crawl, url=row.url, content_type="text/html", status=200, fetched_at=NOW, body=b"")
    return replace(page, attempt=attempt, etag='"1"')


def _input(row: Row, article: Article | None = ARTICLE, reason: Reason | None = None) -> PageInput:
    return PageInput(page=_page(row), row=row, read=ReadResult(article=article, reason=reason))


def _lookups(*rows: Row, blocked: frozenset[str] = frozenset()) -> Lookups:
    view = LedgerView(now=NOW, rows={row.id: row for row in rows}, blocked=blocked)
    return Lookups(settings=Settings(), ledger=view, blocked=blocked)


def _decide(one: PageInput, lookups: Lookups) -> Decision:
    (decision,) = decide_batch([one], lookups)
    return decision


def test_a_new_article_is_indexed() -> None:
    row = _row()
    decision = _decide(_input(row), _lookups(row))
    assert isinstance(decision, IndexArticle)
    assert (decision.event, decision.replaces, decision.forgets_revisions) == ("article.indexed", False, False)
    assert (decision.result.outcome, decision.result.article_id, decision.result.etag) == ("indexed", row.id, '"1"')


def test_an_unchanged_article_is_not_indexed_again() -> None:
    row = replace(_row(), article_id=urls.target(URL).id, content_hash=current_hash(ARTICLE), crawl=2)
    lookups = replace(_lookups(row), documents={row.id: make_document(row, _page(row), ARTICLE)})
    decision = _decide(_input(row), lookups)
    assert isinstance(decision, Finish)
    assert decision.result.reason is Reason.SAME_CONTENT
    lost = _decide(_input(row), _lookups(row))
    assert isinstance(lost, IndexArticle), "the index has lost the document"


def test_a_refused_page_is_rejected_and_a_broken_one_fails() -> None:
    row = _row()
    outcomes = {}
    for reason in (Reason.SECTION_PAGE, Reason.UNREADABLE, Reason.READER_ERROR):
        decision = _decide(_input(row, None, reason), _lookups(row))
        assert isinstance(decision, Finish)
        outcomes[reason] = decision.result.outcome
    assert list(outcomes.values()) == [Outcome.REJECTED, Outcome.REJECTED, Outcome.FAILED]


def test_a_page_that_crashed_its_reader_too_often_fails_unread() -> None:
    row = _row()
    one = PageInput(page=_page(row, attempt=Settings().digest_attempts), row=row)
    decision = _decide(one, _lookups(row))
    assert isinstance(decision, Finish)
    assert (decision.result.reason, decision.deletes_document) == (Reason.BREAKS_READER, True)


def test_a_late_page_is_ignored() -> None:
    row = replace(_row(), state=State.FINISHED)
    assert isinstance(_decide(_input(row), _lookups(row)), Ignore)


def test_a_canonical_link_marks_a_duplicate_and_indexes_the_article_there() -> None:
    row = _row()
    decision = _decide(_input(row, replace(ARTICLE, canonical_url=OTHER)), _lookups(row))
    assert isinstance(decision, MarkDuplicate) and decision.index
    assert decision.index.document.id == decision.result.article_id == urls.target(OTHER).id


def test_a_canonical_link_to_a_blocked_url_indexes_nothing() -> None:
    row = _row()
    lookups = _lookups(row, blocked=frozenset({urls.target(OTHER).id}))
    decision = _decide(_input(row, replace(ARTICLE, canonical_url=OTHER)), lookups)
    assert isinstance(decision, MarkDuplicate) and decision.index is None


def test_two_pages_of_a_batch_that_name_each_other_leave_one_article() -> None:
    row, other = _row(), _row(OTHER)
    inputs = [
        _input(row, replace(ARTICLE, canonical_url=OTHER)),
        _input(other, replace(ARTICLE, url=OTHER, canonical_url=URL)),
    ]
    first, second = decide_batch(inputs, _lookups(row, other))
    assert isinstance(first, MarkDuplicate) and first.index
    assert isinstance(second, Ignore), "it is indexed from the first page"
