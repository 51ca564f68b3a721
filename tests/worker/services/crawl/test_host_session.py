"""Host sessions: exclusive leases, delays, robots.txt, and pauses of failing hosts."""

from __future__ import annotations

import threading
import time

import pytest

from tests.worker.services.conftest import Answer, Clock, Web, page
from worker.errors import FetchFailed, Unavailable
from worker.model.reasons import Reason
from worker.services.context import AppContext
from worker.services.crawl.host_session import MAX_SLEEP_S, HostSession


def _open(context: AppContext, web: Web) -> HostSession:
    session = HostSession.open(context, web.origin)
    assert session
    return session


def _wait(context: AppContext, web: Web, seconds: float) -> HostSession:
    return HostSession.wait(context, web.origin, time.monotonic() + seconds)


def test_a_host_has_one_session_at_a_time(context: AppContext, web: Web) -> None:
    with _open(context, web) as session:
        assert session.host == web.origin
        assert HostSession.open(context, web.origin) is None
        assert HostSession.open(context, "https://other.example"), "another host has a lease of its own"
    assert HostSession.open(context, web.origin)


def test_an_error_ends_the_session(context: AppContext, web: Web) -> None:
    with pytest.raises(ZeroDivisionError), _open(context, web):
        raise ZeroDivisionError
    assert HostSession.open(context, web.origin)


def test_the_lease_of_a_dead_process_expires(context: AppContext, web: Web, clock: Clock) -> None:
    context.frontier.push([(web.origin, "a" * 32)])
    dead = _open(context, web)
    assert len(dead.take()) == 1
    clock.forward(context.settings.fetch_visit_s + 1.5 * context.settings.fetch_total_timeout_s - 5)
    assert HostSession.open(context, web.origin) is None, "its last request may still be under way"
    clock.forward(10)
    with _open(context, web) as session:
        assert dead.take() == [], "the lease is lost"
        assert [job.attempt for job in session.take()] == [1]


def test_a_host_is_free_again_at_the_time_of_its_next_request(context: AppContext, web: Web, clock: Clock) -> None:
    with _open(context, web) as session:
        session.next_at = session.now() + 5
    assert HostSession.open(context, web.origin) is None
    clock.forward(6)
    assert HostSession.open(context, web.origin)


def test_rest_sleeps_until_the_next_request_is_allowed(context: AppContext, web: Web) -> None:
    with _open(context, web) as session:
        session.next_at = allowed_at = session.now() + 0.2
        assert session.rest()
        assert session.now() >= allowed_at


def test_rest_does_not_sleep_through_a_long_delay(context: AppContext, web: Web) -> None:
    with _open(context, web) as session:
        session.next_at = session.now() + MAX_SLEEP_S + 30
        start = time.monotonic()
        assert not session.rest()
        assert time.monotonic() - start < MAX_SLEEP_S


def test_rest_ends_a_visit_at_its_deadline(context: AppContext, web: Web, clock: Clock) -> None:
    with _open(context, web) as session:
        assert session.rest()
        clock.forward(context.settings.fetch_visit_s)
        assert not session.rest()


def test_each_request_is_followed_by_the_delay_of_robots_txt(context: AppContext, web: Web) -> None:
    web["/robots.txt"] = "User-agent: *\nCrawl-delay: 7"
    web["/a"] = page("First")
    with _open(context, web) as session:
        session.check_rules(web.url("/a"))
        assert session.next_at > session.now() + 6, "robots.txt was fetched just now"
        session.next_at = session.now()
        assert session.get(web.url("/a")).status == 200
        assert session.next_at > session.now() + 6
        assert len(session.request_seconds) == 1


def test_robots_txt_is_fetched_once_for_several_sessions(context: AppContext, web: Web) -> None:
    web["/robots.txt"] = "User-agent: *\nDisallow: /private/"
    for _ in range(2):
        with _open(context, web) as session:
            session.check_rules(web.url("/public"))
            with pytest.raises(FetchFailed) as failure:
                session.check_rules(web.url("/private/a"))
            assert failure.value.reason == Reason.ROBOTS
    assert web.requests == {"/robots.txt": 1}


def test_a_host_without_robots_txt_is_visited_later(context: AppContext, web: Web) -> None:
    web["/robots.txt"] = Answer(status=503, headers={"Retry-After": "40"})
    with _open(context, web) as session:
        with pytest.raises(FetchFailed) as failure:
            session.check_rules(web.url("/a"))
        assert failure.value.reason == Reason.ROBOTS_AWAY
        assert 30 < session.next_at - session.now() <= 40
        assert not session.rest()
    assert HostSession.open(context, web.origin) is None


def test_first_tries_that_fail_in_a_row_pause_the_host(context: AppContext, web: Web) -> None:
    web["/a"] = Answer(status=500)
    pause_s, failures = context.settings.fetch_breaker_pause_s, context.settings.fetch_breaker_failures
    with _open(context, web) as session:
        for n in range(failures):
            assert session.next_at < session.now() + pause_s / 2, f"paused after {n} failures"
            with pytest.raises(FetchFailed):
                session.get(web.url("/a"))
        assert session.next_at > session.now() + pause_s / 2
    pause = context.frontier.pause_of(web.origin)
    assert pause
    assert pause.reason == "http-500"


@pytest.mark.parametrize("status", [200, 404])
def test_a_host_that_answers_is_not_paused(context: AppContext, web: Web, status: int) -> None:
    web["/bad"], web["/good"] = Answer(status=500), Answer(page("Works"), status=status)
    with _open(context, web) as session:
        for path in ["/bad", "/good"] * context.settings.fetch_breaker_failures:
            if path == "/good" and status == 200:
                session.get(web.url(path))
            else:
                with pytest.raises(FetchFailed):
                    session.get(web.url(path))
    assert context.frontier.pause_of(web.origin) is None


def test_repeated_tries_do_not_pause_the_host(context: AppContext, web: Web) -> None:
    web["/a"] = Answer(status=500)
    with _open(context, web) as session:
        for _ in range(context.settings.fetch_breaker_failures + 1):
            with pytest.raises(FetchFailed):
                session.get(web.url("/a"), first_try=False)
    assert context.frontier.pause_of(web.origin) is None


def test_an_unexpected_error_is_a_failed_request(context: AppContext, web: Web) -> None:
    def fail() -> None:
        raise ZeroDivisionError("division by zero")

    with _open(context, web) as session, pytest.raises(FetchFailed, match="ZeroDivisionError") as failure:
        session.send(fail, web.url("/a"))
    assert failure.value.reason == Reason.FETCH_ERROR


def test_an_unavailable_store_is_not_a_failure_of_the_host(context: AppContext, web: Web) -> None:
    def fail() -> None:
        raise Unavailable("The index does not answer")

    with _open(context, web) as session:
        for _ in range(context.settings.fetch_breaker_failures):
            with pytest.raises(Unavailable):
                session.send(fail, web.url("/a"))
    assert context.frontier.pause_of(web.origin) is None


def test_a_job_that_is_not_done_waits_again(context: AppContext, web: Web) -> None:
    context.frontier.push([(web.origin, n * 32) for n in "abc"])
    with _open(context, web) as session:
        done, later, _ = session.take(3)
        session.done(done)
        session.retry(later, 60)
    with _open(context, web) as session:
        assert [job.attempt for job in session.take(3)] == [0], "as if it had not been taken"
    assert context.frontier.depths()["waiting"] + context.frontier.depths()["in_flight"] == 2


def test_waiting_for_a_busy_host_ends_when_it_is_free(context: AppContext, web: Web) -> None:
    session = _open(context, web)
    timer = threading.Timer(0.3, session.__exit__, (None, None, None))
    timer.start()
    with _wait(context, web, 30) as mine:
        assert mine.lease.token != session.lease.token
    timer.join()


def test_waiting_too_long_for_a_busy_host_fails(context: AppContext, web: Web) -> None:
    with _open(context, web), pytest.raises(FetchFailed, match="was not free in time") as failure:
        _wait(context, web, 0.2)
    assert failure.value.reason == Reason.HOST_BUSY


def test_waiting_for_a_host_that_is_paused_for_longer_fails_at_once(context: AppContext, web: Web) -> None:
    context.frontier.pause(web.origin, context.now().timestamp() + 3600, "http-503")
    start = time.monotonic()
    with pytest.raises(FetchFailed, match="because of http-503") as failure:
        _wait(context, web, 60)
    assert failure.value.reason == Reason.HOST_PAUSED
    assert time.monotonic() - start < 30


def test_waiting_outlasts_a_short_pause(context: AppContext, web: Web) -> None:
    context.frontier.pause(web.origin, context.now().timestamp() + 0.3, "http-503")
    with _wait(context, web, 30) as session:
        assert session.host == web.origin
