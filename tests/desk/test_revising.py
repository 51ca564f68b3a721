"""Revisions: a changed story keeps what it said, a mere repetition does not, and nothing that was taken down survives
in them. On both backends where they matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.desk.conftest import Clock, page
from tests.operations.conftest import File, answer, clock, desk, file, on_sqlite
from worker import reading, urls
from worker.catalog import Revision
from worker.desk import asking
from worker.desk.adding import add
from worker.desk.auditing import audit
from worker.desk.digesting import digest
from worker.desk.events import STREAM
from worker.desk.parts import Desk
from worker.desk.removing import remove
from worker.desk.retaining import retain
from worker.desk.revising import revisions
from worker.records import Document, Outcome, Page
from worker.storing.ports import Index, Written

__all__ = ["clock", "desk", "file"]

URL = "https://news.example/2026/bridge"
ID = urls.url_id(URL)


def _document(desk: Desk) -> Document:
    found = asking.document(desk, ID)
    assert found
    return found


def _headlines(desk: Desk) -> list[str | None]:
    """The oldest first, the present one last."""
    return [r.headline for r in revisions(desk, _document(desk))]


def _kept(desk: Desk) -> tuple[Revision, ...]:
    """On the shelf, whatever is shown."""
    return desk.catalog.revisions.of(ID)


def _with(desk: Desk, **settings: float) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update=settings))


def _again(desk: Desk, headline: str, **changes: Any) -> Page:
    """The page of one more crawl, not yet in the spool."""
    (added,) = add(desk, [URL], force=True)
    assert added.row
    return replace(answer(desk, added.row, page(headline)), **changes)


def test_a_story_that_changed_keeps_what_it_said(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    first = _document(desk)
    file(URL, "Bridge open again", force=True)
    file(URL, "Bridge closed once more", force=True)
    present = _document(desk)
    before, between, now = revisions(desk, present)
    assert (before.version, before.headline) == (first.version, "Bridge closed")
    assert (before.fetched_at, before.replaced_at) == (first.fetched_at, between.fetched_at)
    assert before.article_body == first.article.article_body
    assert (between.headline, between.replaced_at) == ("Bridge open again", present.fetched_at)
    assert (now.version, now.headline, now.replaced_at) == (present.version, "Bridge closed once more", None)
    assert audit(desk).is_clean


@on_sqlite
def test_what_says_the_same_is_no_revision(desk: Desk, file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    file(URL, "Bridge closed")
    assert file(URL, "Bridge closed", force=True).outcome is Outcome.UNCHANGED
    monkeypatch.setattr(reading, "REVISION", reading.REVISION + 1)
    assert file(URL, "Bridge closed", force=True).outcome is Outcome.INDEXED
    assert _kept(desk) == ()
    file(URL, "Bridge open", force=True)
    assert file(URL, "Bridge open", force=True).outcome is Outcome.UNCHANGED
    assert _headlines(desk) == ["Bridge closed", "Bridge open"]


@on_sqlite
@pytest.mark.parametrize("crawls", [1, 2])
def test_the_same_page_read_otherwise_is_no_revision(desk: Desk, file: File, crawls: int) -> None:
    """As a replay of the archive hands it in: the page that was filed, or a later one that said the same."""
    for _ in range(crawls):
        fetched_at = desk.now()
        file(URL, "Bridge closed", force=True)
    desk.spool.put(_again(desk, "Bridge closed, as a better reader reads it", fetched_at=fetched_at))
    digest(desk)
    types = [fields[b"type"] for _, fields in desk.redis.xrange(STREAM)]
    assert types == [b"article.indexed", b"article.changed"]
    assert _headlines(desk) == ["Bridge closed, as a better reader reads it"]
    assert _kept(desk) == ()


@on_sqlite
def test_the_newest_are_kept(desk: Desk, file: File) -> None:
    two, none = _with(desk, revisions_kept=2), _with(desk, revisions_kept=0)
    file(URL, "News 0")
    for n in range(1, 5):
        two.spool.put(_again(two, f"News {n}"))
        digest(two)
    assert _headlines(two) == ["News 2", "News 3", "News 4"]
    assert _headlines(_with(desk, revisions_kept=1)) == ["News 3", "News 4"]
    none.spool.put(_again(none, "News 5"))
    digest(none)
    assert _headlines(none) == ["News 5"]
    assert [r.headline for r in _kept(desk)] == ["News 2", "News 3"]


class _Killed(BaseException):
    """What kill -9 is to a process."""


class _Index:
    """An index that is itself but for its writes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> object:
        return getattr(self._desk.index, name)

    def write(self, documents: list[Document]) -> list[Written]:
        raise NotImplementedError


def _at(desk: Desk, index: _Index) -> Desk:
    found: Index = index  # type: ignore[assignment]
    return replace(desk, index=found)


class _DiesBefore(_Index):
    def write(self, documents: list[Document]) -> list[Written]:
        raise _Killed


class _DiesAfter(_Index):
    def write(self, documents: list[Document]) -> list[Written]:
        self._desk.index.write(documents)
        raise _Killed


@on_sqlite
@pytest.mark.parametrize("dies", [_DiesBefore, _DiesAfter])
def test_a_repetition_keeps_nothing_twice(desk: Desk, file: File, clock: Clock, dies: type[_Index]) -> None:
    file(URL, "Bridge closed")
    desk.spool.put(_again(desk, "Bridge open"))
    with pytest.raises(_Killed):
        digest(_at(desk, dies(desk)))
    assert _headlines(desk)[-1] == ("Bridge open" if dies is _DiesAfter else "Bridge closed")
    assert len(_headlines(desk)) == (2 if dies is _DiesAfter else 1), "what still stands is no revision yet"
    clock.forward(desk.settings.digest_lease_s + 1)
    digest(desk)
    assert _headlines(desk) == ["Bridge closed", "Bridge open"]
    assert len(_kept(desk)) == 1


class _Refuses(_Index):
    def write(self, documents: list[Document]) -> list[Written]:
        return [Written(id=d.id, status="refused", reason="too large") for d in documents]


@on_sqlite
def test_what_was_not_replaced_after_all_still_stands(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    desk.spool.put(_again(desk, "Bridge open"))
    digest(_at(desk, _Refuses(desk)))
    assert _headlines(desk) == ["Bridge closed"]
    file(URL, "Bridge open again", force=True)
    assert _headlines(desk) == ["Bridge closed", "Bridge open again"]
    assert _kept(desk)[0].replaced_at == _document(desk).fetched_at


def test_a_takedown_takes_the_revisions_too(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    assert _kept(desk)
    remove(desk, URL, block=True)
    assert _kept(desk) == ()
    assert audit(desk).is_clean


@on_sqlite
def test_what_was_removed_and_comes_back_has_no_past(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    remove(desk, URL, block=False)
    file(URL, "Bridge opened", force=True)
    assert _headlines(desk) == ["Bridge opened"]


class _RemovedMeanwhile(_Index):
    """An index in which an article is taken down between the reader's write and its settlement."""

    def write(self, documents: list[Document]) -> list[Written]:
        desk = self._desk
        remove(desk, URL, block=True)
        desk.catalog.revisions.keep({ID: revisions(desk, documents[0])[0]}, 1)  # that very moment
        return desk.index.write(documents)


class _KilledMeanwhile(_RemovedMeanwhile):
    def write(self, documents: list[Document]) -> list[Written]:
        super().write(documents)
        raise _Killed


@on_sqlite
@pytest.mark.parametrize("index", [_RemovedMeanwhile, _KilledMeanwhile])
def test_a_reader_takes_back_what_it_kept_of_an_article_that_was_removed(
    desk: Desk, file: File, clock: Clock, index: type[_Index]
) -> None:
    file(URL, "Bridge closed")
    desk.spool.put(_again(desk, "Bridge open"))
    try:
        digest(_at(desk, index(desk)))
    except _Killed:
        assert _kept(desk)
        clock.forward(desk.settings.digest_lease_s + 1)
        digest(desk)
    assert _kept(desk) == ()
    assert asking.document(desk, ID) is None
    assert audit(desk).is_clean


@on_sqlite
def test_an_expired_article_takes_its_revisions_along(desk: Desk, file: File, clock: Clock) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    clock.forward(86_400)
    assert retain(_with(desk, retention_days=0.5)) == 1
    assert _kept(desk) == ()


def test_an_article_that_moves_leaves_no_revisions_behind(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    moved = file(URL, "Bridge open", head='<link rel=canonical href="https://news.example/new/bridge">', force=True)
    assert moved.outcome is Outcome.DUPLICATE
    assert _kept(desk) == ()
    assert [r.headline for r in revisions(desk, _document(desk))] == ["Bridge open"]
    assert audit(desk).is_clean


@on_sqlite
def test_an_article_that_moves_after_its_document_was_lost_leaves_none_either(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    file(URL, "Bridge open", force=True)
    desk.index.delete([ID])
    file(URL, "Bridge open", head='<link rel=canonical href="https://news.example/new/bridge">', force=True)
    assert _kept(desk) == ()


@on_sqlite
def test_an_article_that_begins_anew_has_no_past(desk: Desk, file: File) -> None:
    """Even where a removal and a reader that had the page in hand came between each other in the worst way."""
    file(URL, "Bridge closed")
    past = revisions(desk, _document(desk))
    remove(desk, URL, block=False)
    desk.catalog.revisions.keep({ID: past[0]}, 10)
    file(URL, "Bridge open", force=True)
    assert _kept(desk) == ()
    assert _headlines(desk) == ["Bridge open"]
