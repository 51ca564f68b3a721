"""The frontier on a real Valkey and a real Redis."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest
import redis

from tests.worker.conftest import loopback
from worker.queues.frontier import Frontier, Job, Lease, Pause

HOST = "https://a.example"
OTHER = "https://b.example:8443"


@pytest.fixture
def frontier(redis_client: redis.Redis, tmp_path: Path) -> Frontier:
    bounds = {"fetch_breaker_failures": 3, "fetch_breaker_pause_s": 100, "fetch_breaker_max_pause_s": 300}
    return Frontier(redis_client, loopback(tmp_path, **bounds), clock=lambda: 1000.0)


def leased(frontier: Frontier, now: float, host: str = HOST, seconds: float = 60) -> Lease:
    lease = frontier.lease(host, now, seconds)
    assert lease
    return lease


def ids(frontier: Frontier, lease: Lease, now: float, n: int = 10_000) -> list[str]:
    jobs = frontier.take(lease, now, n)
    assert jobs is not None
    return [j.id for j in jobs]


def test_one_url_from_push_to_done(frontier: Frontier) -> None:
    assert frontier.push([(HOST, "1")]) == 1
    assert frontier.due_hosts(1000, 10) == [HOST]
    lease = leased(frontier, 1000)
    assert frontier.take(lease, 1000) == [Job("1", 0)]
    assert frontier.done(lease, ["1"])
    assert frontier.release(lease, 1001)
    assert frontier.depths() == {"waiting": 0, "in_flight": 0, "hosts": 1}
    assert frontier.due_hosts(1002, 10) == []
    assert frontier.depths()["hosts"] == 0


def test_urls_are_taken_in_the_order_in_which_they_were_pushed(frontier: Frontier) -> None:
    names = [f"{n * 7919 % 100:02}" for n in range(100)]
    frontier.push([(HOST, n) for n in names])
    frontier.push([(HOST, "early")], due=5)
    assert ids(frontier, leased(frontier, 1000), 1000) == ["early", *names]


def test_pushing_again_changes_nothing(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")], due=2000)
    assert frontier.push([(HOST, "1"), (HOST, "1")], due=1) == 0
    assert frontier.due_hosts(1999, 10) == []
    lease = leased(frontier, 2000)
    assert ids(frontier, lease, 2000) == ["1"]
    assert frontier.push([(HOST, "1")], due=1) == 0
    assert ids(frontier, lease, 2001) == []
    assert frontier.depths() == {"waiting": 0, "in_flight": 1, "hosts": 1}


def test_hosts_are_handed_out_once_the_longest_waiting_first(frontier: Frontier) -> None:
    frontier.push([(OTHER, "2")], due=20)
    frontier.push([(HOST, "1")], due=10)
    frontier.push([("https://c.example", "3")], due=30)
    assert frontier.due_hosts(25, 1) == [HOST]
    frontier.push([(HOST, "4")], due=11)
    assert frontier.due_hosts(25, 10) == [OTHER]
    assert frontier.due_hosts(25, 10) == []
    assert frontier.due_hosts(31, 10) == [HOST, OTHER, "https://c.example"]  # a message may have been lost


def test_a_host_is_leased_to_one(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    leased(frontier, 1000)
    assert frontier.lease(HOST, 1001, 60) is None
    assert frontier.due_hosts(1059, 10) == []
    assert frontier.due_hosts(1060, 10) == [HOST]


def test_no_visit_before_the_delay_is_over(frontier: Frontier) -> None:
    """Neither for a repeated message, nor for a URL that comes after the queue was empty."""
    frontier.push([(HOST, "1")])
    lease = leased(frontier, 1000)
    frontier.done(lease, ids(frontier, lease, 1000))
    frontier.release(lease, 1010)
    assert frontier.lease(HOST, 1009, 60) is None
    frontier.push([(HOST, "2")])
    assert frontier.due_hosts(1009, 10) == []
    assert frontier.due_hosts(1010, 10) == [HOST]
    assert frontier.lease(HOST, 1010, 60)


def test_a_lost_lease_changes_nothing(frontier: Frontier) -> None:
    frontier.push([(HOST, "1"), (HOST, "2")])
    lost = leased(frontier, 1001, seconds=10)
    frontier.take(lost, 1001, 1)
    mine = leased(frontier, 1011)
    assert int(mine.token) > int(lost.token)
    assert frontier.take(lost, 1012) is None
    assert not frontier.done(lost, ["1", "2"])
    assert not frontier.retry(lost, "1", 5000)
    assert not frontier.release(lost, 5000)
    assert frontier.take(mine, 1012, 5) == [Job("2", 0), Job("1", 1)]
    assert frontier.depths() == {"waiting": 0, "in_flight": 2, "hosts": 1}


def test_a_lease_from_before_redis_was_emptied_changes_nothing(redis_client: redis.Redis, frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    old = leased(frontier, 1000)
    redis_client.flushall()
    assert frontier.take(old, 1001) is None
    frontier.push([(HOST, "1")])
    new = leased(frontier, 1001)
    assert int(new.token) > int(old.token)
    assert not frontier.release(old, 1)
    assert frontier.take(new, 1001) == [Job("1", 0)]


def test_nothing_is_taken_after_the_leases_end(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    assert frontier.take(leased(frontier, 1000, seconds=10), 1010) is None


def test_pages_of_a_crash_return_with_one_more_attempt(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    for attempt in range(3):
        now = 1000 + 100 * attempt
        assert frontier.due_hosts(now, 10) == [HOST]
        assert frontier.take(leased(frontier, now), now) == [Job("1", attempt)]
        assert frontier.depths()["in_flight"] == 1


def test_retry_waits_and_counts(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    lease = leased(frontier, 1000)
    frontier.take(lease, 1000)
    assert frontier.retry(lease, "1", 1500)
    assert frontier.depths() == {"waiting": 1, "in_flight": 0, "hosts": 1}
    frontier.release(lease, 1001)
    assert frontier.due_hosts(1499, 10) == []
    frontier.push([(HOST, "2")])
    assert frontier.due_hosts(1499, 10) == [HOST]
    assert frontier.take(leased(frontier, 1500), 1500, 5) == [Job("2", 0), Job("1", 1)]


def test_an_untried_job_does_not_count_an_attempt(frontier: Frontier) -> None:
    frontier.push([(HOST, "1"), (HOST, "2")])
    lease = leased(frontier, 1001)
    frontier.take(lease, 1001, 2)
    frontier.done(lease, ["1"])
    frontier.release(lease, 1002)
    assert frontier.depths() == {"waiting": 1, "in_flight": 0, "hosts": 1}
    assert frontier.take(leased(frontier, 1002), 1002) == [Job("2", 0)]


def test_done_resets_the_attempts(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    lease = leased(frontier, 1000)
    frontier.take(lease, 1000)
    frontier.done(lease, ["1"])
    frontier.push([(HOST, "1")])
    assert frontier.take(lease, 1001) == [Job("1", 0)]


def test_contains_and_remove(frontier: Frontier) -> None:
    frontier.push([(HOST, "1"), (HOST, "2")])
    assert frontier.contains(HOST, "1")
    assert not frontier.contains(OTHER, "1")
    assert frontier.remove(HOST, "1")
    assert not frontier.remove(HOST, "1")
    assert not frontier.contains(HOST, "1")
    assert frontier.depths()["waiting"] == 1


def test_pause_and_resume(frontier: Frontier) -> None:
    frontier.push([(HOST, "1"), (OTHER, "2")])
    frontier.pause(HOST, 2000, "it asked us to stop")
    assert frontier.due_hosts(1500, 10) == [OTHER]
    assert frontier.lease(HOST, 1999, 60) is None
    (pause,) = frontier.paused(1999)
    assert (pause.host, pause.until, pause.reason) == (HOST, 2000, "it asked us to stop")
    assert frontier.paused(2000) == []
    assert frontier.resume(HOST)
    assert not frontier.resume(HOST)
    assert frontier.due_hosts(1501, 10) == [HOST]


def test_a_pause_outlasts_the_visit_in_which_it_began(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    lease = leased(frontier, 1000)
    frontier.pause(HOST, 2000, "down")
    frontier.release(lease, 1001)
    assert frontier.due_hosts(1999, 10) == []
    assert frontier.due_hosts(2000, 10) == [HOST]


def test_resuming_ends_all_waits_of_a_pause(frontier: Frontier) -> None:
    """Clock: 1000."""
    frontier.push([(HOST, "1"), (HOST, "2")], due=900)
    lease = leased(frontier, 900)
    assert ids(frontier, lease, 900, 1) == ["1"]
    for _ in range(3):
        frontier.record_failure(HOST, 900, "http-503", 5000)
    frontier.retry(lease, "1", 5900)
    frontier.release(lease, 5900.2)  # as a visit does: not before the pause is over
    assert frontier.due_hosts(1001, 10) == []
    assert frontier.resume(HOST)
    assert frontier.due_hosts(1001, 10) == [HOST]
    assert sorted(ids(frontier, leased(frontier, 1001), 1001)) == ["1", "2"]
    assert frontier.record_failure(HOST, 1001, "http-503") is None, "its failures are forgotten"


def test_resuming_keeps_the_usual_delay(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    frontier.release(leased(frontier, 999), 1030)
    frontier.pause(HOST, 2000, "by hand")
    assert frontier.resume(HOST)
    assert frontier.due_hosts(1029, 10) == []
    assert frontier.due_hosts(1030, 10) == [HOST]


def test_a_host_that_fails_again_and_again_is_paused_longer_each_time(frontier: Frontier) -> None:
    pauses = [frontier.record_failure(HOST, 1000, "http-503") for _ in range(6)]
    assert [p and p.until for p in pauses] == [None, None, 1100, 1200, 1300, 1300]
    assert [p.reason for p in frontier.paused(1000)] == ["http-503"]
    frontier.record_success(HOST)
    assert frontier.record_failure(HOST, 1000, "http-503") is None


def test_urls_that_fail_again_do_not_count_against_their_host(frontier: Frontier) -> None:
    assert not any(frontier.record_failure(HOST, 1000, "http-500", first_try=False) for _ in range(20))
    pause = frontier.record_failure(HOST, 1000, "http-503", 7, first_try=False)
    assert pause
    assert pause.until == 1007
    assert [bool(frontier.record_failure(HOST, 1100, "http-500")) for _ in range(3)] == [False, False, True]


def test_a_host_is_not_visited_before_its_retry_after(frontier: Frontier) -> None:
    frontier.push([(HOST, "1")])
    pause = frontier.record_failure(HOST, 1000, "http-429", 30)
    assert pause
    assert pause.until == 1030
    assert frontier.lease(HOST, 1029, 60) is None
    assert frontier.due_hosts(1030, 10) == [HOST]
    assert frontier.record_failure(HOST, 1001, "http-500") is None
    third = frontier.record_failure(HOST, 1002, "http-429", 500)
    assert third
    assert third.until == 1502  # longer than the breaker's 100 s
    shorter = frontier.record_failure(HOST, 1003, "http-429", 1)
    assert shorter
    assert shorter.until == 1502  # a pause is not cut short


def test_concurrent_workers_take_each_url_once(redis_client: redis.Redis, frontier: Frontier) -> None:
    hosts = [f"https://{n}.example" for n in range(5)]
    frontier.push([(h, f"{h}/{n}") for h in hosts for n in range(40)])
    taken: Counter[str] = Counter()
    visits: Counter[str] = Counter()

    def work() -> None:
        now = 1001.0
        for _ in range(300):
            now += 1
            for host in hosts:
                lease = frontier.lease(host, 1001, 60)
                if lease is None:
                    continue
                visits[host] += 1
                assert visits[host] == 1
                jobs = frontier.take(lease, 1001, 3) or []
                taken.update(j.id for j in jobs)
                frontier.done(lease, [j.id for j in jobs])
                visits[host] -= 1
                frontier.release(lease, 0)
            if not frontier.depths()["waiting"]:
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(taken) == 200
    assert set(taken.values()) == {1}
    assert frontier.depths()["waiting"] == frontier.depths()["in_flight"] == 0


def test_many_at_once(frontier: Frontier) -> None:
    assert frontier.push((HOST, str(n)) for n in range(5001)) == 5001
    lease = leased(frontier, 1001)
    assert len(ids(frontier, lease, 1001)) == 5001
    assert frontier.depths() == {"waiting": 0, "in_flight": 5001, "hosts": 1}


def test_a_host_without_work_uses_no_memory(redis_client: redis.Redis, frontier: Frontier) -> None:
    """A host whose work is done costs no memory."""
    frontier.push([(HOST, "1")])
    lease = leased(frontier, 1000)
    frontier.take(lease, 1000)
    frontier.done(lease, ["1"])
    frontier.release(lease, 1001)
    frontier.due_hosts(1002, 10)
    assert redis_client.keys("*") == [b"{copydesk:frontier}:counts"]


def test_failures_of_a_host_expire(redis_client: redis.Redis, frontier: Frontier) -> None:
    for n in range(5):
        host = f"https://{n}.example"
        frontier.push([(host, "1")])
        lease = leased(frontier, 1000, host)
        frontier.take(lease, 1000)
        assert [bool(frontier.record_failure(host, 1000, "connection")) for _ in range(3)] == [False, False, True]
        assert frontier.pause_of(host) == Pause(host, 1100, "connection")
        frontier.done(lease, ["1"])
        frontier.release(lease, 1001)
    for _ in range(2):
        frontier.due_hosts(1101, 100)
    lasting = [key for key in redis_client.keys("*") if redis_client.ttl(key) < 0]
    assert lasting == [b"{copydesk:frontier}:counts"]
    assert 300 < redis_client.ttl("{copydesk:frontier}:failures:https://0.example") <= 600
    assert frontier.pause_of(HOST) is None
