"""What the spool promises, on Valkey and on Redis."""

from __future__ import annotations

import multiprocessing
import os
import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from worker.config.settings import Settings
from worker.model.records import Page
from worker.queues.spool import Batch, Spool

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = START.timestamp() + 3600
LEASE_S = 60.0
AFTER = NOW + LEASE_S + 1


@pytest.fixture
def settings() -> Settings:
    return Settings(spool_max_bytes=1_000_000)


@pytest.fixture
def spool(redis_client: Redis, settings: Settings) -> Spool:
    return Spool(redis_client, settings)


def page(n: int = 0, **changes: Any) -> Page:
    fetched = Page(
        id=f"id-{n}",
        crawl=1,
        url=f"https://news.example/{n}",
        content_type="text/html; charset=utf-8",
        status=200,
        fetched_at=START + timedelta(seconds=n),
        body=f"<p>Page {n}".encode(),
    )
    return replace(fetched, **changes)


def put(spool: Spool, count: int) -> list[Page]:
    pages = [page(n) for n in range(count)]
    for each in pages:
        assert spool.put(each)
    return pages


def take(spool: Spool, now: float = NOW, n: int = 50) -> Batch:
    return spool.take(now, n, LEASE_S)


def ids(batch: Batch) -> list[str]:
    return [p.id for p in batch.pages]


def test_a_page_comes_back_as_it_was_put(spool: Spool) -> None:
    whole = page(
        body=bytes(range(256)) * 10, etag='"ü\udcff"', last_modified="Sun, 01 Mar", archived="a.warc#12", status=206
    )
    spool.put(whole)
    assert take(spool).pages == (whole,)


def test_an_empty_body_and_a_megabyte(spool: Spool) -> None:
    pages = (page(1, body=b""), page(2, body=random.Random(1).randbytes(1_000_000)))
    for each in pages:
        spool.put(each)
    assert take(spool).pages == pages


def test_an_empty_spool_gives_no_pages(spool: Spool) -> None:
    assert take(spool) == Batch("", ())
    assert spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
    assert (spool.done("", []), spool.give_back("1", [], NOW)) == (0, 0)


def test_pages_are_taken_in_the_order_of_fetching(spool: Spool) -> None:
    for n in (3, 1, 2, 0):
        spool.put(page(n))
    assert ids(take(spool, n=3)) == ["id-0", "id-1", "id-2"]
    assert ids(take(spool, n=3)) == ["id-3"]
    assert ids(take(spool, n=3)) == []


def test_a_page_of_a_host_whose_clock_is_ahead_does_not_wait(spool: Spool) -> None:
    spool.put(page(fetched_at=START + timedelta(days=1)))
    assert ids(take(spool)) == ["id-0"]


def test_done_removes_the_job(spool: Spool) -> None:
    put(spool, 3)
    batch = take(spool, n=2)
    assert spool.done(batch.token, ids(batch)) == 2
    assert [spool.contains(f"id-{n}") for n in range(3)] == [False, False, True]
    assert spool.depths()["waiting"] == 1
    assert ids(take(spool, AFTER)) == ["id-2"]


def test_depths_count_pages_until_the_spool_is_full(spool: Spool) -> None:
    put(spool, 3)
    take(spool, n=1)
    depths = spool.depths()
    assert (depths["waiting"], depths["leased"]) == (2, 1)
    assert not spool.is_full()
    spool.put(page(4, body=random.Random(1).randbytes(1_000_000)))
    assert spool.is_full()
    assert len(_finish_all(spool, AFTER)) == 4
    assert spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
    assert not spool.is_full()


def test_bodies_are_compressed(spool: Spool) -> None:
    spool.put(page(body=b"<p>Again and again</p>" * 10_000))
    assert spool.depths()["bytes"] < 1000


class TestLeases:
    def test_a_leased_page_is_not_handed_out_again(self, spool: Spool) -> None:
        put(spool, 1)
        take(spool)
        assert take(spool, NOW + LEASE_S - 1).pages == ()
        assert spool.contains("id-0")

    def test_lost_pages_come_back_one_by_one(self, spool: Spool) -> None:
        put(spool, 3)
        take(spool)
        spool.put(page(9))
        first, second, third, fresh = (take(spool, AFTER) for _ in range(4))
        assert sorted([*ids(first), *ids(second), *ids(third)]) == ["id-0", "id-1", "id-2"]
        assert [p.attempt for p in (*first.pages, *second.pages, *third.pages)] == [1, 1, 1]
        assert (ids(fresh), fresh.pages[0].attempt) == (["id-9"], 0)

    def test_attempts_add_up(self, spool: Spool) -> None:
        put(spool, 1)
        attempts = [take(spool, NOW + n * 2 * LEASE_S).pages[0].attempt for n in range(4)]
        assert attempts == [0, 1, 2, 3]

    def test_an_expired_lease_cannot_change_anything(self, spool: Spool) -> None:
        put(spool, 1)
        lost, held = take(spool), take(spool, AFTER)
        assert spool.done(lost.token, ids(lost)) == 0
        assert spool.give_back(lost.token, ids(lost), NOW) == 0
        assert spool.depths() == spool.depths() | {"waiting": 0, "leased": 1}
        assert spool.done(held.token, ids(held)) == 1

    def test_a_late_reader_may_finish_pages_that_were_not_taken_again(self, spool: Spool) -> None:
        put(spool, 1)
        late = take(spool)
        take(spool, AFTER, n=0)
        assert spool.done(late.token, ids(late)) == 1
        assert spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}

    def test_a_token_finishes_only_its_own_pages(self, spool: Spool) -> None:
        put(spool, 2)
        one, two = take(spool, n=1), take(spool, n=1)
        assert spool.done(one.token, [*ids(one), *ids(two), "id-none"]) == 1
        assert spool.contains("id-1")


class TestGiveBack:
    def test_a_returned_page_waits_and_does_not_count_an_attempt(self, spool: Spool) -> None:
        put(spool, 3)
        batch = take(spool)
        assert spool.give_back(batch.token, ids(batch), NOW + 5) == 3
        assert spool.depths()["waiting"] == 3
        assert take(spool, NOW + 4).pages == ()
        again = take(spool, NOW + 5)
        assert (len(again.pages), {p.attempt for p in again.pages}) == (3, {0})

    def test_a_returned_suspect_page_is_still_suspect(self, spool: Spool) -> None:
        put(spool, 1)
        take(spool)
        spool.put(page(1))
        alone = take(spool, AFTER)
        spool.give_back(alone.token, ids(alone), AFTER)
        again = take(spool, AFTER)
        assert ids(again) == ["id-0"]
        assert again.pages[0].attempt == 1

    def test_fresh_pages_fill_the_batch(self, spool: Spool) -> None:
        put(spool, 2)
        batch = take(spool, n=1)
        spool.give_back(batch.token, ids(batch), NOW)
        assert ids(take(spool)) == ["id-0", "id-1"]

    def test_a_suspect_page_waits_behind_a_returned_page(self, spool: Spool) -> None:
        put(spool, 2)
        given = take(spool, n=1)
        take(spool, n=1)  # id-1 is lost
        spool.give_back(given.token, ids(given), NOW)
        spool.put(page(2))
        assert ids(take(spool, AFTER)) == ["id-0", "id-2"]
        assert ids(take(spool, AFTER)) == ["id-1"]


class TestCrawls:
    def test_a_later_crawl_replaces_an_older(self, spool: Spool) -> None:
        spool.put(page(body=b"old"))
        size = spool.depths()["bytes"]
        assert spool.put(page(crawl=2, body=b"new"))
        assert spool.depths() == {"waiting": 1, "leased": 0, "bytes": size}
        assert [(p.crawl, p.body, p.attempt) for p in take(spool).pages] == [(2, b"new", 0)]

    def test_the_same_or_an_older_crawl_changes_nothing(self, spool: Spool) -> None:
        spool.put(page(crawl=10, body=b"first"))
        take(spool)
        assert not spool.put(page(crawl=10, body=b"second"))
        assert not spool.put(page(crawl=9, body=b"older"))
        again = take(spool, AFTER).pages
        assert [(p.crawl, p.body, p.attempt) for p in again] == [(10, b"first", 1)]

    def test_the_reader_of_an_older_crawl_cannot_finish_a_later_one(self, spool: Spool) -> None:
        spool.put(page())
        old = take(spool)
        spool.put(page(crawl=2))
        assert spool.done(old.token, ids(old)) == 0
        assert spool.give_back(old.token, ids(old), NOW) == 0
        assert [p.crawl for p in take(spool).pages] == [2]

    def test_evicted_pages_are_skipped(self, spool: Spool, redis_client: Redis) -> None:
        put(spool, 2)
        redis_client.delete("{copydesk:spool}:page:id-0")
        assert ids(take(spool)) == ["id-1"]
        assert spool.depths()["waiting"] == 0


def _finish_all(spool: Spool, now: float = NOW) -> list[str]:
    finished = []
    while (batch := take(spool, now)).pages:
        assert spool.done(batch.token, ids(batch)) == len(batch.pages)
        finished += ids(batch)
    return finished


class TestRedisThatIsFull:
    """With a policy of eviction it loses keys, without one it refuses what needs memory."""

    def test_the_size_excludes_evicted_pages(self, spool: Spool, redis_client: Redis) -> None:
        put(spool, 3)
        put_bytes = spool.depths()["bytes"]
        redis_client.delete("{copydesk:spool}:page:id-0", "{copydesk:spool}:page:id-1")
        batch = take(spool)
        assert spool.depths() == {"waiting": 0, "leased": 1, "bytes": put_bytes // 3}
        spool.done(batch.token, ids(batch))
        assert spool.depths()["bytes"] == 0

    @pytest.mark.parametrize("key", ["page:id-0", "fresh", "again", "leased", "sizes", "token"])
    def test_the_size_is_right_after_any_key_is_evicted(self, spool: Spool, redis_client: Redis, key: str) -> None:
        put(spool, 6)
        given, _lost = take(spool, n=2), take(spool, n=2)
        spool.give_back(given.token, ids(given), NOW)
        redis_client.delete(f"{{copydesk:spool}}:{key}")
        _finish_all(spool, AFTER)
        assert spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
        spool.put(page(9))
        alone = spool.depths()["bytes"]
        _finish_all(spool, AFTER)
        spool.put(page(9))
        assert spool.depths()["bytes"] == alone

    def test_a_page_missing_in_its_queue_may_be_put_again(self, spool: Spool, redis_client: Redis) -> None:
        put(spool, 1)
        redis_client.delete("{copydesk:spool}:fresh")
        assert not spool.contains("id-0")
        assert spool.put(page(0))
        assert _finish_all(spool) == ["id-0"]

    def test_a_full_redis_refuses_pages_and_returns_stored_ones(self, spool: Spool, redis_client: Redis) -> None:
        put(spool, 6)
        given, lost, held = take(spool, n=1), take(spool, n=1), take(spool, n=1)
        spool.give_back(take(spool, n=1).token, ["id-3"], NOW)
        before = spool.depths()
        redis_client.config_set("maxmemory", 1)
        try:
            for n in (0, 4, 7):
                with pytest.raises(OutOfMemoryError):
                    spool.put(page(n, crawl=2))
            assert spool.depths() == before
            assert spool.give_back(given.token, ids(given), NOW) == 1
            assert spool.done(held.token, ids(held)) == 1
            assert sorted(_finish_all(spool, AFTER)) == ["id-0", *ids(lost), "id-3", "id-4", "id-5"]
            assert spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
        finally:
            redis_client.config_set("maxmemory", 0)


def _drain(socket: str) -> list[str]:
    """Take and finish until nothing waits; now and then lose a lease, as a crash would."""
    spool, chance, now = Spool(Redis(unix_socket_path=socket), Settings()), random.Random(os.getpid()), NOW
    finished: list[str] = []
    for _ in range(2000):
        batch = spool.take(now, 7, LEASE_S)
        if not batch.pages and sum(spool.depths()[k] for k in ("waiting", "leased")) == 0:
            return finished
        if chance.random() < 0.2 or not batch.pages:
            now += LEASE_S + 1
        elif chance.random() < 0.2:
            spool.give_back(batch.token, ids(batch), now)
        else:
            held = [p.id for p in batch.pages if spool.done(batch.token, [p.id])]
            finished += held
    raise AssertionError("the spool never ran empty")


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_many_readers_finish_each_page_once(redis_client: Redis, spool: Spool, kind: str) -> None:
    put(spool, 300)
    socket = redis_client.connection_pool.connection_kwargs["path"]
    spawn = multiprocessing.get_context("spawn")
    pool = ThreadPoolExecutor(4) if kind == "threads" else ProcessPoolExecutor(4, mp_context=spawn)
    with pool:
        finished = [id for f in [pool.submit(_drain, socket) for _ in range(4)] for id in f.result()]
    assert sorted(finished) == sorted(f"id-{n}" for n in range(300))
    assert spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
