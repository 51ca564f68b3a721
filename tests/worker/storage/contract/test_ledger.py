"""The contract of `ports.Ledger`, on SQLite and on Elasticsearch."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.racing import WORKERS, together
from tests.support.stores import open_ledger
from worker.config.settings import Settings
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome, Row, State, Target
from worker.storage.ports import Ledger
from worker.urls import target

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ledger(settings: Settings) -> Ledger:
    ledger = open_ledger(settings)
    ledger.setup()
    return ledger


def story(name: object = 1, **changes: Any) -> Target:
    return replace(target(f"https://news.example/{name}"), **changes)


def stories(count: int) -> list[Target]:
    return [story(n) for n in range(count)]


def end(of: Target | Row, crawl: int = 1, outcome: Outcome = Outcome.INDEXED, **fields: Any) -> CrawlResult:
    values: dict[str, Any] = {"id": of.id, "crawl": crawl, "outcome": outcome, "finished_at": LATER}
    return CrawlResult(**(values | fields))


def one(ledger: Ledger, of: Target) -> Row:
    row = ledger.get([of.id])[0]
    assert row
    return row


class TestAdmit:
    def test_a_new_target_becomes_a_queued_row(self, ledger: Ledger) -> None:
        asked = story(source="wire", hops=2)
        [admission] = ledger.admit([asked], NOW)
        assert (admission.verdict, admission.is_queued) == ("created", True)
        assert admission.row == Row(
            id=asked.id,
            url=asked.url,
            canonical_url=asked.canonical_url,
            host="https://news.example",
            source="wire",
            state=State.QUEUED,
            crawl=1,
            hops=2,
            queued_at=NOW,
            first_seen_at=NOW,
        )

    def test_an_admitted_row_is_visible_to_another_reader_at_once(self, ledger: Ledger, settings: Settings) -> None:
        [admission] = ledger.admit([story()], NOW)
        assert open_ledger(settings).get([story().id]) == [admission.row]

    def test_a_queued_target_is_known_even_when_forced(self, ledger: Ledger) -> None:
        [first] = ledger.admit([story()], NOW)
        [again] = ledger.admit([story(force=True)], LATER)
        assert (again.verdict, again.is_queued, again.row) == ("known", False, first.row)

    def test_admissions_are_in_order_and_a_repeated_target_is_known(self, ledger: Ledger) -> None:
        ledger.admit([story(2)], NOW)
        admissions = ledger.admit([story(1), story(2), story(3), story(1, force=True)], NOW)
        assert [a.verdict for a in admissions] == ["created", "known", "created", "known"]
        assert [a.row.id for a in admissions] == [story(n).id for n in (1, 2, 3, 1)]
        assert [a.verdict for a in ledger.admit([story(4)] * 2, NOW)] == ["created", "known"]

    def test_a_finished_row_that_is_not_due_is_known(self, ledger: Ledger) -> None:
        ledger.admit([story(1), story(2)], NOW)
        ledger.finish([end(story(1)), end(story(2), next_crawl_at=LATER)])
        before = LATER - timedelta(microseconds=1)
        assert [a.verdict for a in ledger.admit([story(1), story(2)], before)] == ["known", "known"]
        assert [a.row.state for a in ledger.admit([story(1), story(2)], before)] == [State.FINISHED] * 2

    def test_a_due_row_is_queued_again_and_keeps_its_outcome(self, ledger: Ledger) -> None:
        ledger.admit([story(source="first")], NOW)
        ledger.touch([story().id], NOW)
        ledger.finish([end(story(), article_id="a", content_hash="h", etag='"e"', next_crawl_at=LATER)])
        finished = one(ledger, story())
        [again] = ledger.admit([story(source="second", hops=1)], LATER)
        assert again.verdict == "requeued"
        expected = replace(
            finished, state=State.QUEUED, crawl=2, attempts=0, hops=1, queued_at=LATER, next_crawl_at=None
        )
        assert again.row == expected == one(ledger, story())
        assert (again.row.article_id, again.row.outcome, again.row.first_seen_at) == ("a", Outcome.INDEXED, NOW)
        assert again.row.source == "first"

    def test_force_queues_a_finished_row(self, ledger: Ledger) -> None:
        ledger.admit([story()], NOW)
        ledger.finish([end(story())])
        [again] = ledger.admit([story(force=True)], NOW)
        assert (again.verdict, again.row.crawl) == ("requeued", 2)

    def test_calls_without_ids_do_nothing(self, ledger: Ledger) -> None:
        assert ledger.admit([], NOW) == []
        assert ledger.get([]) == []
        assert ledger.finish([]) == []
        ledger.touch([], NOW)
        assert ledger.delete([]) == 0

    def test_long_and_unusual_text_is_kept(self, ledger: Ledger) -> None:
        long = "https://news.example/?q=" + "東" * 40_000
        asked = story(url=long, canonical_url=long, source="quote ' and \x00 and 東京")
        ledger.admit([asked], NOW)
        ledger.finish(
            [end(asked, outcome=Outcome.FAILED, reason=Reason("dns"), detail="\udcff half a pair " + "y" * 40_000)]
        )
        row = one(ledger, asked)
        assert (row.url, row.source) == (asked.url, asked.source)
        assert row.detail and row.detail.startswith("? half a pair yyy")


class TestFinish:
    def test_finish_writes_the_crawl_result(self, ledger: Ledger) -> None:
        [admission] = ledger.admit([story()], NOW)
        written: dict[str, Any] = {
            "outcome": Outcome.REJECTED,
            "reason": Reason("section-page"),
            "detail": "links, no article",
            "http_status": 200,
            "etag": 'W/"1"',
            "last_modified": "Sun, 01 Mar 2026 11:00:00 GMT",
            "content_hash": "abc",
            "article_id": "a",
            "next_crawl_at": LATER + timedelta(days=1),
        }
        assert ledger.finish([end(story(), **written)]) == [True]
        assert one(ledger, story()) == replace(admission.row, state=State.FINISHED, finished_at=LATER, **written)

    def test_none_keeps_what_the_row_has(self, ledger: Ledger) -> None:
        ledger.admit([story()], NOW)
        kept: dict[str, Any] = {"etag": "e", "last_modified": "m", "content_hash": "h", "article_id": "a"}
        ledger.finish([end(story(), http_status=200, reason=Reason("timeout"), detail="d", **kept)])
        ledger.admit([story(force=True)], LATER)
        ledger.finish([end(story(), crawl=2, outcome=Outcome.UNCHANGED)])
        row = one(ledger, story())
        assert {name: getattr(row, name) for name in kept} == kept
        assert (row.http_status, row.reason, row.detail, row.outcome) == (None, None, None, Outcome.UNCHANGED)

    def test_late_repeated_and_unknown_results_change_nothing(self, ledger: Ledger) -> None:
        ledger.admit([story()], NOW)
        assert ledger.finish([end(story(), crawl=2), end(story("none"))]) == [False, False]
        assert one(ledger, story()).state is State.QUEUED
        twice = [end(story()), end(story(), outcome=Outcome.FAILED)]
        assert ledger.finish(twice) == [True, False]
        assert ledger.finish([end(story(), outcome=Outcome.FAILED)]) == [False]
        ledger.admit([story(force=True)], LATER)
        assert ledger.finish([end(story(), outcome=Outcome.FAILED)]) == [False], "the result of the previous crawl"
        assert one(ledger, story()).outcome is Outcome.INDEXED
        assert ledger.get([story("none").id]) == [None]

    def test_gone_is_set_once_and_cleared(self, ledger: Ledger) -> None:
        ledger.admit([story()], NOW)
        seen = []
        for crawl, gone in enumerate((True, True, None, False, None), start=1):
            finished_at = NOW + timedelta(days=crawl)
            ledger.finish([end(story(), crawl=crawl, gone=gone, finished_at=finished_at)])
            seen.append(one(ledger, story()).gone_at)
            ledger.admit([story(force=True)], NOW)
        assert seen == [NOW + timedelta(days=1)] * 3 + [None] * 2


class TestSweep:
    def test_touch_counts_attempts_of_queued_rows_only(self, ledger: Ledger) -> None:
        ledger.admit([story(1), story(2)], NOW)
        ledger.finish([end(story(2))])
        ledger.touch([story(1).id, story(2).id, story("none").id], LATER)
        assert (one(ledger, story(1)).attempts, one(ledger, story(1)).queued_at) == (1, LATER)
        assert (one(ledger, story(2)).attempts, one(ledger, story(2)).queued_at) == (0, NOW)
        assert one(ledger, story(1)).crawl == 1

    def test_waiting_lists_the_oldest_first(self, ledger: Ledger) -> None:
        for minutes in (3, 1, 2, 5):
            ledger.admit([story(minutes)], NOW + timedelta(minutes=minutes))
        ledger.finish([end(story(2))])
        ledger.refresh()
        before = NOW + timedelta(minutes=5)
        assert [r.id for r in ledger.waiting(before, 10)] == [story(1).id, story(3).id]
        assert [r.id for r in ledger.waiting(before, 1)] == [story(1).id]
        assert len(ledger.waiting(before + timedelta(microseconds=1), 10)) == 3

    def test_waiting_continues_after_a_row(self, ledger: Ledger) -> None:
        ledger.admit([story(n) for n in range(5)], NOW)
        ledger.admit([story(9)], NOW + timedelta(seconds=1))
        ledger.refresh()
        seen: list[str] = []
        after = None
        while found := ledger.waiting(LATER, 2, after):
            seen += [r.id for r in found]
            after = found[-1]
        assert seen == [*sorted(story(n).id for n in range(5)), story(9).id]

    def test_a_queued_row_moves_to_another_url(self, ledger: Ledger) -> None:
        ledger.admit([story(1)], NOW)
        moved = ledger.move(story(1).id, 1, "https://www.news.example/1", "https://www.news.example")
        assert moved
        assert (moved.url, moved.host, moved.hops) == ("https://www.news.example/1", "https://www.news.example", 1)
        assert ledger.get([story(1).id]) == [moved]
        assert ledger.move(story(1).id, 2, "x", "x") is None
        ledger.finish([end(story(1))])
        assert ledger.move(story(1).id, 1, "x", "x") is None
        assert ledger.move("nobody", 1, "x", "x") is None

    def test_waiting_leaves_out_rows_that_finished_since_the_refresh(self, ledger: Ledger) -> None:
        ledger.admit([story(1), story(2), story(3)], NOW)
        ledger.refresh()
        ledger.finish([end(story(1))])
        ledger.touch([story(2).id], LATER)
        assert [r.id for r in ledger.waiting(LATER, 10)] == [story(3).id]

    def test_rows_that_finished_since_the_refresh_do_not_shorten_a_page(self, ledger: Ledger) -> None:
        for n in range(6):
            ledger.admit([story(n)], NOW + timedelta(seconds=n))
        ledger.refresh()
        ledger.finish([end(story(n)) for n in (0, 1, 3)])
        assert [r.id for r in ledger.waiting(LATER, 2)] == [story(2).id, story(4).id]
        assert [r.id for r in ledger.waiting(LATER, 4)] == [story(n).id for n in (2, 4, 5)]

    def test_due_lists_finished_rows_that_are_due(self, ledger: Ledger) -> None:
        for minutes in (3, 1, 2, 9):
            ledger.admit([story(minutes)], NOW)
            ledger.finish([end(story(minutes), next_crawl_at=NOW + timedelta(minutes=minutes))])
        ledger.admit([story(4)], NOW)
        ledger.admit([replace(story(2), force=True)], NOW)
        ledger.refresh()
        assert [r.id for r in ledger.due(NOW + timedelta(minutes=5), 10)] == [story(1).id, story(3).id]
        assert [r.id for r in ledger.due(NOW + timedelta(minutes=5), 1)] == [story(1).id]


class TestLists:
    @pytest.fixture
    def mixed(self, ledger: Ledger) -> Ledger:
        """Return a ledger whose rows change in this order: 0 and 1 queued, 2 and 3 indexed, 4 and 5 failed."""
        other = {n: replace(story(n), host="http://other.example") for n in (1, 3, 5)}
        for n in range(6):
            ledger.admit([other.get(n, story(n))], NOW + timedelta(seconds=n))
        for n, outcome, reason in (
            (2, "indexed", None),
            (3, "indexed", None),
            (4, "failed", "dns"),
            (5, "failed", "x"),
        ):
            finished_at = NOW + timedelta(seconds=60 + n)
            ledger.finish([end(story(n), outcome=Outcome(outcome), reason=reason, finished_at=finished_at)])
        ledger.refresh()
        return ledger

    def test_counts_group_rows_by_state_outcome_and_reason(self, mixed: Ledger) -> None:
        expected = {"queued": 2, "finished": 4, "indexed": 2, "failed": 2, "failed/dns": 1, "failed/x": 1}
        assert dict(mixed.counts()) == expected

    def test_counts_leave_out_the_last_outcome_of_queued_rows(self, mixed: Ledger) -> None:
        mixed.admit([story(4, force=True)], NOW)
        mixed.refresh()
        assert dict(mixed.counts()) == {"queued": 3, "finished": 3, "indexed": 2, "failed": 1, "failed/x": 1}

    def test_counts_of_an_empty_ledger(self, ledger: Ledger) -> None:
        assert dict(ledger.counts()) == {"queued": 0, "finished": 0}

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({}, [5, 4, 3, 2, 1, 0]),
            ({"limit": 2}, [5, 4]),
            ({"state": State.QUEUED}, [1, 0]),
            ({"outcomes": [Outcome.FAILED]}, [5, 4]),
            ({"outcomes": [Outcome.FAILED, Outcome.INDEXED], "host": "http://other.example"}, [5, 3]),
            ({"reason": "dns"}, [4]),
            ({"state": State.QUEUED, "host": "https://news.example"}, [0]),
            ({"host": "https://nobody.example"}, []),
            ({"host": "other.example"}, [5, 3, 1]),
            ({"host": "News.example"}, [4, 2, 0]),
            ({"host": "other.example:80"}, [5, 3, 1]),
            ({"host": "other.example:8080"}, []),
            ({"host": "nobody.example"}, []),
        ],
    )
    def test_rows_meet_all_conditions(self, mixed: Ledger, wanted: dict[str, Any], found: list[int]) -> None:
        assert [r.id for r in mixed.rows(**wanted)] == [story(n).id for n in found]

    def test_scan_sees_every_row_by_id(self, ledger: Ledger) -> None:
        asked = stories(2500)
        for start in range(0, len(asked), 1000):
            ledger.admit(asked[start : start + 1000], NOW)
        ledger.refresh()
        assert [r.id for r in ledger.scan()] == sorted(t.id for t in asked)

    def test_scan_survives_writes_between_its_rows(self, ledger: Ledger) -> None:
        asked = stories(1200)
        ledger.admit(asked, NOW)
        ledger.refresh()
        seen = []
        for n, row in enumerate(ledger.scan()):
            seen.append(row.id)
            if n % 100 == 0:
                ledger.finish([end(row)])
                ledger.admit([story(f"new/{n}")], NOW)
        assert {t.id for t in asked} <= set(seen)
        assert len(seen) == len(set(seen))

    def test_delete_deletes_finished_rows_without_an_article_of_their_own(self, ledger: Ledger) -> None:
        ledger.admit(stories(4), NOW)
        ledger.finish([
            end(story(1), outcome=Outcome.FAILED),
            end(story(2), article_id=story(2).id),
            end(story(3), outcome=Outcome.DUPLICATE, article_id=story(2).id),
        ])  # fmt: skip
        assert ledger.delete([*(story(n).id for n in range(4)), "f" * 32]) == 2
        found = ledger.get([story(n).id for n in range(4)])
        assert [row is None for row in found] == [False, True, False, True]
        assert [a.verdict for a in ledger.admit([story(1)], NOW)] == ["created"]


def test_setup_keeps_what_is_there(ledger: Ledger, settings: Settings) -> None:
    ledger.admit([story()], NOW)
    ledger.setup()
    another = open_ledger(settings)
    another.setup()
    assert one(another, story()).crawl == 1


# -- concurrent calls from threads and from processes


def _setup(settings: Settings) -> None:
    open_ledger(settings).setup()


def _admit(settings: Settings) -> list[str]:
    ledger = open_ledger(settings)
    asked = stories(100)
    batches = (asked[n : n + 10] for n in range(0, 100, 10))
    return [a.verdict for batch in batches for a in ledger.admit(batch, LATER)]


def _settle(settings: Settings) -> list[bool]:
    ledger = open_ledger(settings)
    return [answer for t in stories(60) for answer in ledger.finish([end(t)])]


def _touch(settings: Settings) -> None:
    ledger = open_ledger(settings)
    for _ in range(5):
        ledger.touch([t.id for t in stories(10)], LATER)


def test_setup_by_many_processes_at_once_succeeds(settings: Settings, executor: Executor) -> None:
    together(executor, _setup, settings)
    assert [a.verdict for a in open_ledger(settings).admit([story()], NOW)] == ["created"]


def test_one_of_many_admits_each_target(ledger: Ledger, settings: Settings, executor: Executor) -> None:
    answers = together(executor, _admit, settings)
    for verdicts in zip(*answers, strict=True):
        assert sorted(verdicts) == ["created"] + ["known"] * (WORKERS - 1)
    assert {r.crawl for r in ledger.get([t.id for t in stories(100)]) if r} == {1}


def test_one_of_many_queues_each_row_again(ledger: Ledger, settings: Settings, executor: Executor) -> None:
    ledger.admit(stories(100), NOW)
    ledger.finish([end(t, next_crawl_at=NOW, article_id=t.id) for t in stories(100)])
    answers = together(executor, _admit, settings)
    for verdicts in zip(*answers, strict=True):
        assert sorted(verdicts) == ["known"] * (WORKERS - 1) + ["requeued"]
    assert {(r.crawl, r.article_id == r.id) for r in ledger.get([t.id for t in stories(100)]) if r} == {(2, True)}


def test_one_of_many_finishes_each_crawl(ledger: Ledger, settings: Settings, executor: Executor) -> None:
    ledger.admit(stories(60), NOW)
    answers = together(executor, _settle, settings)
    assert [sum(each) for each in zip(*answers, strict=True)] == [1] * 60
    ledger.refresh()
    assert ledger.counts()["finished"] == 60


def test_every_attempt_is_counted(ledger: Ledger, settings: Settings, executor: Executor) -> None:
    ledger.admit(stories(10), NOW)
    together(executor, _touch, settings)
    assert {r.attempts for r in ledger.get([t.id for t in stories(10)]) if r} == {WORKERS * 5}


class TestRetire:
    def test_a_tombstoned_row_has_no_article(self, ledger: Ledger) -> None:
        asked = story()
        ledger.admit([asked], NOW)
        ledger.finish([end(asked, article_id=asked.id, content_hash="ab", etag='"e"', last_modified="then", gone=True)])
        assert ledger.tombstone([asked.id], LATER, reason=Reason("expired"), detail="too old") == [True]
        row = one(ledger, asked)
        assert (row.state, row.outcome, row.reason, row.detail) == (
            State.FINISHED,
            Outcome.REJECTED,
            "expired",
            "too old",
        )
        assert (row.article_id, row.content_hash, row.etag, row.last_modified, row.gone_at) == (None,) * 5
        assert (row.finished_at, row.first_seen_at, row.crawl) == (LATER, NOW, 1)

    def test_a_crawl_under_way_cannot_finish_a_tombstoned_row(self, ledger: Ledger) -> None:
        asked = story()
        ledger.admit([asked], NOW)
        ledger.tombstone([asked.id], LATER, reason=Reason("removed"), detail="")
        assert ledger.finish([end(asked, article_id=asked.id)]) == [False]
        assert one(ledger, asked).article_id is None

    def test_a_tombstoned_row_can_be_admitted_by_force(self, ledger: Ledger) -> None:
        asked = story()
        ledger.admit([asked], NOW)
        ledger.tombstone([asked.id], LATER, reason=Reason("removed"), detail="")
        assert ledger.admit([asked], LATER)[0].verdict == "known"
        assert ledger.admit([replace(asked, force=True)], LATER)[0].row.crawl == 2

    def test_a_missing_row_is_not_created(self, ledger: Ledger) -> None:
        asked = story()
        ledger.admit([asked], NOW)
        assert ledger.tombstone(["f" * 32, asked.id], LATER, reason=Reason("removed"), detail="") == [False, True]
        assert ledger.get(["f" * 32]) == [None]


class TestRefile:
    @pytest.fixture
    def filed(self, ledger: Ledger) -> Row:
        ledger.admit([story(1)], NOW)
        ledger.finish([end(story(1), article_id=story(1).id, content_hash="old.1", etag='"e"', last_modified="Mon")])
        return one(ledger, story(1))

    def test_hash_and_validators_are_replaced(self, ledger: Ledger, filed: Row) -> None:
        assert ledger.update_content_hash([replace(filed, content_hash="new.2", detail="other", finished_at=NOW)]) == [
            True
        ]
        assert one(ledger, story(1)) == replace(filed, content_hash="new.2")
        lost = replace(filed, content_hash=None, etag=None, last_modified=None)
        assert ledger.update_content_hash([lost, lost]) == [True, True]
        assert one(ledger, story(1)) == lost

    def test_a_row_that_has_changed_since_keeps_its_hash(self, ledger: Ledger, filed: Row) -> None:
        ledger.admit([story(1, force=True)], NOW)
        queued = one(ledger, story(1))
        assert ledger.update_content_hash([replace(filed, content_hash="new.2")]) == [False]
        ledger.finish([end(story(1), crawl=2, outcome=Outcome.UNCHANGED)])
        assert ledger.update_content_hash([replace(filed, content_hash="new.2")]) == [False]
        assert ledger.update_content_hash([replace(queued, content_hash="new.2")]) == [False]
        assert one(ledger, story(1)).content_hash == "old.1"

    def test_a_tombstoned_or_deleted_row_gets_no_hash(self, ledger: Ledger, filed: Row) -> None:
        ledger.tombstone([filed.id], NOW, reason=Reason("removed"), detail="")
        assert ledger.update_content_hash([replace(filed, content_hash="new.2"), replace(filed, id="f" * 32)]) == [
            False,
            False,
        ]
        assert one(ledger, story(1)).content_hash is None
        assert ledger.update_content_hash([]) == []


class TestAged:
    def test_aged_lists_finished_rows_with_an_article_oldest_first(self, ledger: Ledger) -> None:
        young, old, queued, alias, failed = stories(5)
        for asked, age in ((young, 1), (old, 3), (queued, 4), (alias, 5), (failed, 6)):
            ledger.admit([asked], NOW - timedelta(days=age))
        ledger.finish([end(young, article_id=young.id), end(old, article_id=old.id)])
        ledger.finish([end(alias, outcome=Outcome.DUPLICATE, article_id=old.id), end(failed, outcome=Outcome.FAILED)])
        ledger.refresh()
        assert [r.id for r in ledger.aged(NOW, 10)] == [old.id, young.id]
        assert [r.id for r in ledger.aged(NOW, 1)] == [old.id]
        assert [r.id for r in ledger.aged(NOW - timedelta(days=2), 10)] == [old.id]

    def test_a_row_that_is_queued_again_is_not_aged(self, ledger: Ledger) -> None:
        asked = story()
        ledger.admit([asked], NOW)
        ledger.finish([end(asked, article_id=asked.id)])
        ledger.refresh()
        ledger.admit([replace(asked, force=True)], LATER)
        assert ledger.aged(LATER, 10) == []

    def test_duplicates_are_found_by_their_article(self, ledger: Ledger) -> None:
        first, second, other = stories(3)
        ledger.admit([first, second, other], NOW)
        ledger.finish([end(second, outcome=Outcome.DUPLICATE, article_id=first.id), end(first, article_id=first.id)])
        ledger.refresh()
        assert {r.id for r in ledger.rows(article_id=first.id)} == {first.id, second.id}


class TestFailing:
    def test_failing_lists_the_most_frequent_first(self, ledger: Ledger) -> None:
        here, there = stories(4), [target(f"https://other.example/{n}") for n in range(2)]
        ledger.admit([*here, *there], NOW)
        reasons = ["timeout", "http-503", "http-503", None, "timeout", "robots"]
        outcomes = [Outcome.FAILED] * 3 + [Outcome.INDEXED, Outcome.FAILED, Outcome.REJECTED]
        ends = zip([*here, *there], outcomes, reasons, strict=True)
        ledger.finish([end(asked, outcome=outcome, reason=reason) for asked, outcome, reason in ends])
        ledger.refresh()
        news, other = "https://news.example", "https://other.example"
        assert ledger.failing(10) == [(news, "http-503", 2), (news, "timeout", 1), (other, "timeout", 1)]
        assert ledger.failing(1) == [(news, "http-503", 2)]

    def test_a_queued_row_does_not_count_as_failing(self, ledger: Ledger) -> None:
        asked = story()
        ledger.admit([asked], NOW)
        ledger.finish([end(asked, outcome=Outcome.FAILED, reason=Reason("timeout"))])
        ledger.admit([replace(asked, force=True)], LATER)
        ledger.refresh()
        assert ledger.failing(10) == []
