"""Takedown on both backends: what was removed is found nowhere, does not come back, and the audit stays clean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk.conftest import Clock, page
from tests.operations.conftest import File, answer, on_sqlite, silent_broker
from worker.desk import asking
from worker.desk.adding import add, retry
from worker.desk.aliases import follow
from worker.desk.auditing import audit
from worker.desk.digesting import digest
from worker.desk.events import STREAM
from worker.desk.hints import recall, remember
from worker.desk.parts import Desk
from worker.desk.removing import remove, unblock
from worker.errors import BadInput
from worker.fetching.found import Found
from worker.queries import Query
from worker.records import Outcome, Row, State
from worker.storing.ports import Index, Written
from worker.urls import target

URL = "https://news.example/2026/bridge"
ALIAS = "https://news.example/old/bridge"


def _events(desk: Desk) -> list[tuple[str, str]]:
    return [(fields[b"type"].decode(), fields[b"id"].decode()) for _, fields in desk.redis.xrange(STREAM)]


def _row(desk: Desk, url: str) -> Row:
    row = asking.row(desk, asking.identify(url))
    assert row
    return row


def _is_nowhere(desk: Desk, url: str) -> bool:
    desk.index.refresh()
    id = asking.identify(url)
    return desk.index.get([id]) == [None] and id not in set(desk.index.ids()) and asking.document(desk, id) is None


def test_an_article_is_removed_and_its_row_says_so(desk: Desk, file: File) -> None:
    row = file(URL, "Bridge closed")
    kept = file("https://news.example/2026/ferry", "Ferry delayed")
    removal = remove(desk, URL, block=False, why="the subject asked for it")
    assert (removal.documents, [r.id for r in removal.rows], removal.is_blocked) == (1, [row.id], False)
    assert _is_nowhere(desk, URL)
    after = _row(desk, URL)
    assert (after.state, after.outcome, after.reason) == (State.SETTLED, Outcome.REJECTED, "removed")
    assert after.detail == "the subject asked for it"
    assert _events(desk)[-1] == ("article.gone", row.id)
    assert [hit.document.id for hit in desk.index.search(Query(text="example OR closed OR delayed")).hits] == [kept.id]
    assert audit(desk).is_clean


@on_sqlite
def test_what_a_feed_said_of_it_goes_too(desk: Desk, file: File) -> None:
    row, other = file(URL, "Bridge closed"), file(ALIAS, "Ferry delayed")
    remember(desk.redis, {r.id: Found(url=r.url, title="What the feed called it") for r in (row, other)})
    remove(desk, URL, block=False)
    assert list(recall(desk.redis, [row.id, other.id])) == [other.id]


@on_sqlite
def test_what_is_not_blocked_can_come_back(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    remove(desk, URL, block=False)
    assert add(desk, [URL])[0].verdict == "known"
    assert file(URL, "Bridge closed", force=True).outcome is Outcome.INDEXED
    assert audit(desk).is_clean


def test_a_blocked_article_comes_back_by_no_door(desk: Desk, file: File) -> None:
    row = file(URL, "Bridge closed")
    remove(desk, URL, block=True)
    (added,) = add(desk, [URL], force=True)
    assert (added.verdict, added.row) == ("refused", None)
    assert "taken down" in str(added.problem)
    assert [a.verdict for a in retry(desk, [_row(desk, URL)])] == ["blocked"]
    other = file("https://news.example/elsewhere")
    admission = follow(desk, other, target(URL, force=True))
    assert admission
    assert (admission.verdict, admission.row.reason) == ("blocked", "taken-down")
    assert _row(desk, URL).crawl == row.crawl
    assert _is_nowhere(desk, URL)
    assert audit(desk).is_clean


def test_a_page_that_slipped_through_is_not_filed(desk: Desk, file: File) -> None:
    """Admitted by another process a moment before the block: what reads it looks at the blocks again."""
    file(URL, "Bridge closed")
    remove(desk, URL, block=True)
    (admission,) = desk.ledger.admit([target(URL, force=True)], desk.now())
    desk.spool.put(answer(desk, admission.row, page("Bridge closed")))
    digest(desk)
    assert _row(desk, URL).reason == "taken-down"
    assert _is_nowhere(desk, URL)
    assert audit(desk).is_clean


def test_all_addresses_go_together_and_are_let_in_together(desk: Desk, file: File) -> None:
    canonical = f'<link rel=canonical href="{URL}">'
    file(URL, "Bridge closed")
    alias = file(ALIAS, "Bridge closed", head=canonical)
    assert alias.outcome is Outcome.DUPLICATE
    removal = remove(desk, ALIAS, block=True)
    assert {r.canonical_url for r in removal.rows} == {URL, ALIAS}
    assert [a.verdict for a in add(desk, [URL, ALIAS], force=True)] == ["refused", "refused"]
    assert audit(desk).is_clean
    assert {b.canonical_url for b in unblock(desk, URL)} == {URL, ALIAS}
    assert [a.verdict for a in add(desk, [URL, ALIAS], force=True)] == ["requeued", "requeued"]


def test_any_address_brings_an_unblocked_article_back(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    remove(desk, ALIAS, block=True, why="court order")
    unblock(desk, ALIAS)
    late = file("https://news.example/late/bridge", "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    assert late.outcome is Outcome.DUPLICATE
    assert _row(desk, URL).state is State.SETTLED, "it comes back by force alone"
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">', force=True)
    row = _row(desk, URL)
    assert row.state is State.QUEUED
    desk.spool.put(answer(desk, row, page("Bridge closed")))
    digest(desk)
    desk.index.refresh()
    document = asking.document(desk, asking.identify(ALIAS))
    assert document
    assert document.id == row.id
    assert audit(desk).is_clean


def test_addresses_that_lead_there_by_others_go_too(desk: Desk, file: File) -> None:
    farther = "https://news.example/older/bridge"
    file(URL, "Bridge closed")
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    file(farther, "Bridge closed", head=f'<link rel=canonical href="{ALIAS}">')
    other = file("https://news.example/2026/ferry", "Ferry delayed")
    removal = remove(desk, URL, block=True)
    assert {r.canonical_url for r in removal.rows} == {URL, ALIAS, farther}
    assert desk.index.get([other.id]) != [None]


@on_sqlite
def test_a_new_address_of_a_blocked_article_is_a_duplicate_of_nothing(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    remove(desk, URL, block=True)
    late = file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    assert (late.outcome, late.article_id) == (Outcome.DUPLICATE, asking.identify(URL))
    assert _is_nowhere(desk, URL)
    assert _is_nowhere(desk, ALIAS)
    assert audit(desk).is_clean


@on_sqlite
def test_what_was_never_seen_can_be_blocked(desk: Desk) -> None:
    with pytest.raises(BadInput, match="never accepted"):
        remove(desk, URL, block=False)
    removal = remove(desk, URL, block=True)
    assert (removal.documents, removal.rows[0].reason) == (0, "taken-down")
    assert add(desk, [URL])[0].verdict == "refused"
    assert audit(desk).is_clean


@on_sqlite
def test_a_block_outlives_its_row(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    remove(desk, URL, block=True)
    desk.ledger.delete([asking.identify(URL)])
    assert add(desk, [URL])[0].verdict == "refused"
    assert _row(desk, URL).reason == "taken-down"


@on_sqlite
def test_removing_again_changes_nothing(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    file(ALIAS, "Bridge closed", head=f'<link rel=canonical href="{URL}">')
    remove(desk, ALIAS, block=True)
    again = remove(desk, ALIAS, block=True)
    assert again.documents == 0
    assert len(unblock(desk, URL)) == 2
    with pytest.raises(BadInput, match="not blocked"):
        unblock(desk, URL)


def test_an_article_is_removed_while_it_waits_to_be_read(desk: Desk, file: File) -> None:
    (added,) = add(desk, [URL])
    assert added.row
    desk.spool.put(answer(desk, added.row, page("Bridge closed")))
    remove(desk, URL, block=False)
    digest(desk)
    assert _is_nowhere(desk, URL)
    assert _row(desk, URL).reason == "removed"
    assert desk.spool.depths()["waiting"] == 0
    assert audit(desk).is_clean


class _RemovedMeanwhile:
    """An index in which an article is taken down between the reader's write and its settlement."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> object:
        return getattr(self._desk.index, name)

    def write(self, documents: list) -> list[Written]:  # type: ignore[type-arg]
        remove(self._desk, URL, block=True)
        return self._desk.index.write(documents)


def test_a_reader_takes_back_what_was_removed_while_it_read(desk: Desk, file: File) -> None:
    (added,) = add(desk, [URL])
    assert added.row
    desk.spool.put(answer(desk, added.row, page("Bridge closed")))
    index: Index = _RemovedMeanwhile(desk)  # type: ignore[assignment]
    digest(replace(desk, index=index))
    assert _is_nowhere(desk, URL)
    assert _events(desk)[-1] == ("article.gone", added.row.id)
    assert audit(desk).is_clean


class _Killed(BaseException):
    """What kill -9 is to a process."""


class _KilledMeanwhile(_RemovedMeanwhile):
    def write(self, documents: list) -> list[Written]:  # type: ignore[type-arg]
        super().write(documents)
        raise _Killed


def test_a_reader_that_died_after_filing_leaves_no_trace(desk: Desk, clock: Clock) -> None:
    (added,) = add(desk, [URL])
    assert added.row
    desk.spool.put(answer(desk, added.row, page("Bridge closed")))
    index: Index = _KilledMeanwhile(desk)  # type: ignore[assignment]
    with pytest.raises(_Killed):
        digest(replace(desk, index=index))
    assert desk.index.get([added.row.id]) != [None]
    clock.forward(desk.settings.digest_lease_s + 1)
    digest(desk)
    assert _is_nowhere(desk, URL)
    assert audit(desk).is_clean


@on_sqlite
def test_a_silent_broker_does_not_hold_up_a_takedown(desk: Desk, file: File) -> None:
    file(URL, "Bridge closed")
    silent = replace(desk, redis=silent_broker())
    assert remove(silent, URL, block=True).documents == 1
    assert _is_nowhere(desk, URL)
