"""Takedown on both backends: a removed article is not found, does not return, and the audit stays clean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.both_stores import File, answer, clock, context, file, on_sqlite, silent_broker
from tests.support.events import published
from tests.worker.services.conftest import Clock, page, row_of
from worker.discovery.discovered_link import DiscoveredLink
from worker.errors import BadInput
from worker.model.query import Query
from worker.model.records import Outcome, State
from worker.services.articles.takedown import remove, unblock
from worker.services.context import AppContext
from worker.services.digest.digest import digest
from worker.services.intake.feed_hints import recall, remember
from worker.services.intake.submit import add, retry
from worker.services.ledger import lookup
from worker.services.ledger.duplicates import follow
from worker.services.maintenance.audit import audit
from worker.storage.ports import Index, WriteResult
from worker.urls import target

__all__ = ["clock", "context", "file"]

URL = "https://news.example/2026/bridge"
ALIAS = "https://news.example/old/bridge"


def _events(context: AppContext) -> list[tuple[str, str]]:
    return [(event["type"], event["id"]) for event in published(context)]


def _is_nowhere(context: AppContext, url: str) -> bool:
    context.index.refresh()
    id = lookup.identify(url)
    return (
        context.index.get([id]) == [None]
        and id not in set(context.index.ids())
        and lookup.document(context, id) is None
    )


def test_an_article_is_removed_and_its_row_says_so(context: AppContext, file: File) -> None:
    row = file(URL, "Bridge closed")
    kept = file("https://news.example/2026/ferry", "Ferry delayed")
    removal = remove(context, URL, block=False, why="the subject asked for it")
    assert (removal.documents, [r.id for r in removal.rows], removal.is_blocked) == (1, [row.id], False)
    assert _is_nowhere(context, URL)
    after = row_of(context, URL)
    assert (after.state, after.outcome, after.reason) == (State.FINISHED, Outcome.REJECTED, "removed")
    assert after.detail == "the subject asked for it"
    assert _events(context)[-1] == ("article.gone", row.id)
    assert [hit.id for hit in context.search.find(Query(text="example OR closed OR delayed")).hits] == [kept.id]
    assert audit(context).is_clean


@on_sqlite
def test_a_takedown_deletes_the_hints_of_feeds(context: AppContext, file: File) -> None:
    row, other = file(URL, "Bridge closed"), file(ALIAS, "Ferry delayed")
    remember(context, {r.id: DiscoveredLink(url=r.url, title="What the feed called it") for r in (row, other)})
    remove(context, URL, block=False)
    assert list(recall(context, [row.id, other.id])) == [other.id]


@on_sqlite
def test_a_removed_article_that_is_not_blocked_can_return(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    remove(context, URL, block=False)
    assert add(context, [URL])[0].verdict == "known"
    assert file(URL, "Bridge closed", force=True).outcome is Outcome.INDEXED
    assert audit(context).is_clean


def test_a_blocked_article_cannot_return_in_any_way(context: AppContext, file: File) -> None:
    row = file(URL, "Bridge closed")
    remove(context, URL, block=True)
    (added,) = add(context, [URL], force=True)
    assert (added.verdict, added.row) == ("refused", None)
    assert "taken down" in str(added.problem)
    assert [a.verdict for a in retry(context, [row_of(context, URL)])] == ["blocked"]
    other = file("https://news.example/elsewhere")
    admission = follow(context, other, target(URL, force=True))
    assert admission
    assert (admission.verdict, admission.row.reason) == ("blocked", "taken-down")
    assert row_of(context, URL).crawl == row.crawl
    assert _is_nowhere(context, URL)
    assert audit(context).is_clean


def test_a_page_admitted_just_before_the_block_is_not_indexed(context: AppContext, file: File) -> None:
    """Another process admits the URL just before the block. The digest therefore checks the blocklist again."""
    file(URL, "Bridge closed")
    remove(context, URL, block=True)
    (admission,) = context.ledger.admit([target(URL, force=True)], context.now())
    context.spool.put(answer(context, admission.row, page("Bridge closed")))
    digest(context)
    assert row_of(context, URL).reason == "taken-down"
    assert _is_nowhere(context, URL)
    assert audit(context).is_clean


def test_all_urls_of_an_article_are_blocked_and_unblocked_together(context: AppContext, file: File) -> None:
    canonical = f'<link rel=canonical href="{URL}">'
    file(URL, "Bridge closed")
    alias = file(ALIAS, "Bridge closed", head=canonical)
    assert alias.outcome is Outcome.DUPLICATE
    removal = remove(context, ALIAS, block=True)
    assert {r.canonical_url for r in removal.rows} == {URL, ALIAS}
    assert [a.verdict for a in add(context, [URL, ALIAS], force=True)] == ["refused", "refused"]
    assert audit(context).is_clean
    assert {b.canonical_url for b in unblock(context, URL)} == {URL, ALIAS}
    assert [a.verdict for a in add(context, [URL, ALIAS], force=True)] == ["requeued", "requeued"]


def test_any_url_of_an_unblocked_article_brings_it_back(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    remove(context, ALIAS, block=True, why="court order")
    unblock(context, ALIAS)
    late = file("https://news.example/late/bridge", "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    assert late.outcome is Outcome.DUPLICATE
    assert row_of(context, URL).state is State.FINISHED, "it comes back by force alone"
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">', force=True)
    row = row_of(context, URL)
    assert row.state is State.QUEUED
    context.spool.put(answer(context, row, page("Bridge closed")))
    digest(context)
    context.index.refresh()
    document = lookup.document(context, lookup.identify(ALIAS))
    assert document
    assert document.id == row.id
    assert audit(context).is_clean


def test_urls_that_lead_to_the_article_through_others_are_removed_too(context: AppContext, file: File) -> None:
    farther = "https://news.example/older/bridge"
    file(URL, "Bridge closed")
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    file(farther, "Bridge closed", head=f'<link rel=canonical href="{ALIAS}">')
    other = file("https://news.example/2026/ferry", "Ferry delayed")
    removal = remove(context, URL, block=True)
    assert {r.canonical_url for r in removal.rows} == {URL, ALIAS, farther}
    assert context.index.get([other.id]) != [None]


@on_sqlite
def test_a_page_whose_canonical_url_is_blocked_is_a_duplicate_without_document(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    remove(context, URL, block=True)
    late = file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    assert (late.outcome, late.article_id) == (Outcome.DUPLICATE, lookup.identify(URL))
    assert _is_nowhere(context, URL)
    assert _is_nowhere(context, ALIAS)
    assert audit(context).is_clean


@on_sqlite
def test_an_unknown_url_can_be_blocked(context: AppContext) -> None:
    with pytest.raises(BadInput, match="Unknown URL"):
        remove(context, URL, block=False)
    removal = remove(context, URL, block=True)
    assert (removal.documents, removal.rows[0].reason) == (0, "taken-down")
    assert add(context, [URL])[0].verdict == "refused"
    assert audit(context).is_clean


@on_sqlite
def test_a_block_outlives_its_row(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    remove(context, URL, block=True)
    context.ledger.delete([lookup.identify(URL)])
    assert add(context, [URL])[0].verdict == "refused"
    assert row_of(context, URL).reason == "taken-down"


@on_sqlite
def test_removing_again_changes_nothing(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    remove(context, ALIAS, block=True)
    again = remove(context, ALIAS, block=True)
    assert again.documents == 0
    assert len(unblock(context, URL)) == 2
    with pytest.raises(BadInput, match="not blocked"):
        unblock(context, URL)


def test_an_article_is_removed_while_it_waits_to_be_read(context: AppContext, file: File) -> None:
    (added,) = add(context, [URL])
    assert added.row
    context.spool.put(answer(context, added.row, page("Bridge closed")))
    remove(context, URL, block=False)
    digest(context)
    assert _is_nowhere(context, URL)
    assert row_of(context, URL).reason == "removed"
    assert context.spool.depths()["waiting"] == 0
    assert audit(context).is_clean


class _RemovedMeanwhile:
    """An index in which an article is taken down between the write of its document and the end of its crawl."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def __getattr__(self, name: str) -> object:
        return getattr(self._context.index, name)

    def write(self, documents: list) -> list[WriteResult]:  # type: ignore[type-arg]
        remove(self._context, URL, block=True)
        return self._context.index.write(documents)


def test_an_article_removed_while_it_is_read_is_deleted(context: AppContext, file: File) -> None:
    (added,) = add(context, [URL])
    assert added.row
    context.spool.put(answer(context, added.row, page("Bridge closed")))
    index: Index = _RemovedMeanwhile(context)  # type: ignore[assignment]
    digest(replace(context, index=index))
    assert _is_nowhere(context, URL)
    assert _events(context)[-1] == ("article.gone", added.row.id)
    assert audit(context).is_clean


class _Killed(BaseException):
    """A sudden end of the process, like kill -9."""


class _KilledMeanwhile(_RemovedMeanwhile):
    def write(self, documents: list) -> list[WriteResult]:  # type: ignore[type-arg]
        super().write(documents)
        raise _Killed


def test_a_document_of_a_dead_reader_is_deleted(context: AppContext, clock: Clock) -> None:
    (added,) = add(context, [URL])
    assert added.row
    context.spool.put(answer(context, added.row, page("Bridge closed")))
    index: Index = _KilledMeanwhile(context)  # type: ignore[assignment]
    with pytest.raises(_Killed):
        digest(replace(context, index=index))
    assert context.index.get([added.row.id]) != [None]
    clock.forward(context.settings.digest_lease_s + 1)
    digest(context)
    assert _is_nowhere(context, URL)
    assert audit(context).is_clean


@on_sqlite
def test_a_takedown_succeeds_while_the_broker_does_not_answer(context: AppContext, file: File) -> None:
    file(URL, "Bridge closed")
    silent = replace(context, redis=silent_broker())
    assert remove(silent, URL, block=True).documents == 1
    assert _is_nowhere(context, URL)
