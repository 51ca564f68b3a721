"""What breaks in the middle loses nothing: workers that are killed, a broker that forgets, a stack that is ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import newsroom
from tests.e2e.conftest import Stack

ARTICLES = 200


def _settled(stack: Stack) -> int:
    stack.context.ledger.refresh()
    return stack.context.ledger.counts().get("finished", 0)


def _until(condition: Callable[[], bool], stack: Stack, within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, f"{stack.json('status')}\n{stack.log_tail()}"
        time.sleep(0.1)


def _check_all_filed(stack: Stack, articles: int) -> None:
    _until(lambda: _settled(stack) == articles, stack)
    audit = stack.json("audit")
    assert (audit["rows"], audit["finished"], audit["documents"], audit["problem_count"]) == (
        articles,
        articles,
        articles,
        0,
    ), audit


def _kill(stack: Stack, words: str) -> None:
    pids = stack.pids(words)
    assert pids, f"no process {words!r}"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("words", ["-Q add,digest", "-Q fetch"])
def test_a_killed_worker_loses_nothing(stack: Stack, words: str) -> None:
    with newsroom.serve(ARTICLES, latency_s=0.01) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _until(lambda: _settled(stack) > ARTICLES // 10, stack)
        _kill(stack, words)
        _check_all_filed(stack, ARTICLES)


def test_a_broker_that_forgets_everything_loses_nothing(stack: Stack) -> None:
    with newsroom.serve(ARTICLES, latency_s=0.01) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _until(lambda: _settled(stack) > ARTICLES // 10, stack)
        stack.context.redis.flushall()
        _check_all_filed(stack, ARTICLES)


def test_the_embedded_broker_may_be_killed(stack: Stack) -> None:
    if "COPYDESK_REDIS_URL" in stack.settings:
        pytest.skip("the configured Redis is not ours to kill: others share it")
    with newsroom.serve(ARTICLES, latency_s=0.01) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _until(lambda: _settled(stack) > ARTICLES // 10, stack)
        _kill(stack, "valkey-server")
        _check_all_filed(stack, ARTICLES)


def test_an_ended_stack_goes_on_where_it_stood(stack: Stack) -> None:
    with newsroom.serve(ARTICLES, latency_s=0.02) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _until(lambda: _settled(stack) > ARTICLES // 10, stack)
        assert stack.stop() == 0
        assert _settled(stack) < ARTICLES, "it ended too late to prove anything"
        late = stack.run("add", room.origins[0] + "/story/100000")
        assert "created" in late.stderr
        stack.start()
        _check_all_filed(stack, ARTICLES + 1)
        assert max(room.requests.values()) <= 2


def test_waiting_without_workers_says_what_to_do(stack: Stack) -> None:
    assert stack.stop() == 0
    if "COPYDESK_REDIS_URL" in stack.settings:
        pytest.skip("the configured Redis still tells of the workers that ended just now")
    done = stack.run("add", "http://127.0.0.1:9/never", "--wait", check=False)
    assert done.returncode == 1
    assert "copydesk run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_the_stack(stack: Stack, how: signal.Signals) -> None:
    """A closed terminal, or the supervisor killed outright: a broker left behind would get a second one beside it."""
    if "COPYDESK_REDIS_URL" in stack.settings:
        pytest.skip("the same supervisor; tried once")
    pids = [pid for words in ("valkey-server", "-m tasks", "api.web") for pid in stack.pids(words)]
    assert len(pids) > 4
    assert stack.process
    stack.process.send_signal(how)
    stack.process.wait(60)
    _until(lambda: not any(Path(f"/proc/{pid}/stat").exists() and not _is_zombie(pid) for pid in pids), stack)
    stack.start()


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
