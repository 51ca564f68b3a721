"""Revisions on both backends: a changed article keeps its earlier texts, an unchanged or removed one does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.both_stores import File, answer, clock, context, file, on_sqlite
from tests.support.events import published_types
from tests.worker.services.conftest import Clock, page
from worker import extraction, urls
from worker.model.catalog import Revision
from worker.model.records import Document, Outcome, Page
from worker.services.articles.revisions import revisions
from worker.services.articles.takedown import remove
from worker.services.context import AppContext
from worker.services.digest.digest import digest
from worker.services.intake.submit import add
from worker.services.ledger import lookup
from worker.services.maintenance.audit import audit
from worker.services.maintenance.retention import retain
from worker.storage.ports import Index, WriteResult

__all__ = ["clock", "context", "file"]

URL = "https://news.example/2026/bridge"
ID = urls.url_id(URL)


def _document(context: AppContext) -> Document:
    found = lookup.document(context, ID)
    assert found
    return found


def _headlines(context: AppContext) -> list[str | None]:
    """Return the headlines of all revisions: the oldest first, the current one last."""
    return [r.headline for r in revisions(context, _document(context))]


def _kept(context: AppContext) -> tuple[Revision, ...]:
    """Return all stored revisions, also those that are not shown."""
    return context.catalog.revisions.of(ID)


def _with(context: AppContext, **settings: float) -> AppContext:
    return replace(context, settings=context.settings.model_copy(update=settings))


def _again(context: AppContext, headline: str, **changes: Any) -> Page:
    """Queue the URL again. Return the page of this crawl, which is not in the spool yet."""
    (added,) = add(context, [URL], force=True)
    assert added.row
    return replace(answer(context, added.row, page(headline)), **changes)


def test_a_changed_article_keeps_its_earlier_text(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    first = _document(context)
    file(URL, "Bridge open again", force=True)
    file(URL, "Bridge closed once more", force=True)
    present = _document(context)
    before, between, now = revisions(context, present)
    assert (before.version, before.headline) == (first.version, "Bridge closed")
    assert (before.fetched_at, before.replaced_at) == (first.fetched_at, between.fetched_at)
    assert before.article_body == first.article.article_body
    assert (between.headline, between.replaced_at) == ("Bridge open again", present.fetched_at)
    assert (now.version, now.headline, now.replaced_at) == (present.version, "Bridge closed once more", None)
    assert audit(context).is_clean


@on_sqlite
def test_an_unchanged_text_is_not_a_revision(context: AppContext, file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    file(URL, "Bridge closed")
    assert file(URL, "Bridge closed", force=True).outcome is Outcome.UNCHANGED
    monkeypatch.setattr(extraction, "REVISION", extraction.REVISION + 1)
    assert file(URL, "Bridge closed", force=True).outcome is Outcome.INDEXED
    assert _kept(context) == ()
    file(URL, "Bridge open", force=True)
    assert file(URL, "Bridge open", force=True).outcome is Outcome.UNCHANGED
    assert _headlines(context) == ["Bridge closed", "Bridge open"]


@on_sqlite
@pytest.mark.parametrize("crawls", [1, 2])
def test_a_different_extraction_of_the_same_page_is_not_a_revision(
    context: AppContext, file: File, crawls: int
) -> None:
    """A replay of the archive reads the page of the last crawl again, also if that crawl found no change."""
    for _ in range(crawls):
        fetched_at = context.now()
        file(URL, "Bridge closed", force=True)
    context.spool.put(_again(context, "Bridge closed, as a better reader reads it", fetched_at=fetched_at))
    digest(context)
    assert published_types(context) == ["article.indexed", "article.changed"]
    assert _headlines(context) == ["Bridge closed, as a better reader reads it"]
    assert _kept(context) == ()


@on_sqlite
def test_only_the_newest_revisions_are_kept(context: AppContext, file: File) -> None:
    two, none = _with(context, revisions_kept=2), _with(context, revisions_kept=0)
    file(URL, "News 0")
    for n in range(1, 5):
        two.spool.put(_again(two, f"News {n}"))
        digest(two)
    assert _headlines(two) == ["News 2", "News 3", "News 4"]
    assert _headlines(_with(context, revisions_kept=1)) == ["News 3", "News 4"]
    none.spool.put(_again(none, "News 5"))
    digest(none)
    assert _headlines(none) == ["News 5"]
    assert [r.headline for r in _kept(context)] == ["News 2", "News 3"]


class _Killed(BaseException):
    """A sudden end of the process, like kill -9."""


class _Index:
    """The index of a context, with other writes."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def __getattr__(self, name: str) -> object:
        return getattr(self._context.index, name)

    def write(self, documents: list[Document]) -> list[WriteResult]:
        raise NotImplementedError


def _at(context: AppContext, index: _Index) -> AppContext:
    found: Index = index  # type: ignore[assignment]
    return replace(context, index=found)


class _DiesBefore(_Index):
    def write(self, documents: list[Document]) -> list[WriteResult]:
        raise _Killed


class _DiesAfter(_Index):
    def write(self, documents: list[Document]) -> list[WriteResult]:
        self._context.index.write(documents)
        raise _Killed


@on_sqlite
@pytest.mark.parametrize("dies", [_DiesBefore, _DiesAfter])
def test_a_repetition_does_not_keep_a_revision_twice(
    context: AppContext, file: File, clock: Clock, dies: type[_Index]
) -> None:
    file(URL, "Bridge closed")
    context.spool.put(_again(context, "Bridge open"))
    with pytest.raises(_Killed):
        digest(_at(context, dies(context)))
    assert _headlines(context)[-1] == ("Bridge open" if dies is _DiesAfter else "Bridge closed")
    assert len(_headlines(context)) == (2 if dies is _DiesAfter else 1), "the current text is not a revision yet"
    clock.forward(context.settings.digest_lease_s + 1)
    digest(context)
    assert _headlines(context) == ["Bridge closed", "Bridge open"]
    assert len(_kept(context)) == 1


class _Refuses(_Index):
    def write(self, documents: list[Document]) -> list[WriteResult]:
        return [WriteResult(id=d.id, status="refused", reason="too large") for d in documents]


@on_sqlite
def test_a_text_whose_replacement_was_refused_is_still_current(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    context.spool.put(_again(context, "Bridge open"))
    digest(_at(context, _Refuses(context)))
    assert _headlines(context) == ["Bridge closed"]
    file(URL, "Bridge open again", force=True)
    assert _headlines(context) == ["Bridge closed", "Bridge open again"]
    assert _kept(context)[0].replaced_at == _document(context).fetched_at


def test_a_takedown_deletes_the_revisions(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    assert _kept(context)
    remove(context, URL, block=True)
    assert _kept(context) == ()
    assert audit(context).is_clean


@on_sqlite
def test_an_article_that_returns_after_removal_has_no_revisions(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    remove(context, URL, block=False)
    file(URL, "Bridge opened", force=True)
    assert _headlines(context) == ["Bridge opened"]


class _RemovedMeanwhile(_Index):
    """An index in which an article is taken down between the write of its document and the end of its crawl."""

    def write(self, documents: list[Document]) -> list[WriteResult]:
        context = self._context
        remove(context, URL, block=True)
        context.catalog.revisions.keep({ID: revisions(context, documents[0])[0]}, 1)  # that very moment
        return context.index.write(documents)


class _KilledMeanwhile(_RemovedMeanwhile):
    def write(self, documents: list[Document]) -> list[WriteResult]:
        super().write(documents)
        raise _Killed


@on_sqlite
@pytest.mark.parametrize("index", [_RemovedMeanwhile, _KilledMeanwhile])
def test_revisions_of_an_article_removed_during_a_crash_are_deleted(
    context: AppContext, file: File, clock: Clock, index: type[_Index]
) -> None:
    file(URL, "Bridge closed")
    context.spool.put(_again(context, "Bridge open"))
    try:
        digest(_at(context, index(context)))
    except _Killed:
        assert _kept(context)
        clock.forward(context.settings.digest_lease_s + 1)
        digest(context)
    assert _kept(context) == ()
    assert lookup.document(context, ID) is None
    assert audit(context).is_clean


@on_sqlite
def test_an_expired_article_takes_its_revisions_along(context: AppContext, file: File, clock: Clock) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    clock.forward(86_400)
    assert retain(_with(context, retention_days=0.5)) == 1
    assert _kept(context) == ()


def test_an_article_that_moves_leaves_no_revisions_behind(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    moved = file(URL, "Bridge open", head='<link rel=canonical href="https://news.example/new/bridge">', force=True)
    assert moved.outcome is Outcome.DUPLICATE
    assert _kept(context) == ()
    assert [r.headline for r in revisions(context, _document(context))] == ["Bridge open"]
    assert audit(context).is_clean


@on_sqlite
def test_an_article_that_moves_after_its_document_was_lost_leaves_none_either(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    context.index.delete([ID])
    file(URL, "Bridge open", head='<link rel=canonical href="https://news.example/new/bridge">', force=True)
    assert _kept(context) == ()


@on_sqlite
def test_an_article_that_starts_again_has_no_revisions(context: AppContext, file: File) -> None:
    """This holds even if a removal and the digest of the page overlap in the worst order."""
    file(URL, "Bridge closed")
    past = revisions(context, _document(context))
    remove(context, URL, block=False)
    context.catalog.revisions.keep({ID: past[0]}, 10)
    file(URL, "Bridge open", force=True)
    assert _kept(context) == ()
    assert _headlines(context) == ["Bridge open"]
