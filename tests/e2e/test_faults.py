"""Faults during an ingestion lose nothing: killed workers, an emptied broker, a stopped stack."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import newsroom
from tests.e2e.conftest import Stack
from tests.support.servers.processes import wait_until

ARTICLES = 200
WAIT_S = 120  #: a worker needs 30 s or more to take over the work of a killed one if the machine is busy

pytestmark = pytest.mark.timeout(400)


def _finished_count(stack: Stack) -> int:
    stack.context.ledger.refresh()
    return stack.context.ledger.counts().get("finished", 0)


def _wait(condition: Callable[[], bool], stack: Stack) -> None:
    wait_until(condition, WAIT_S, lambda: f"{stack.json('status')}\n{stack.log_tail()}")


def _check_all_indexed(stack: Stack, articles: int) -> None:
    _wait(lambda: _finished_count(stack) == articles, stack)
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
def test_killed_worker_loses_nothing(stack: Stack, words: str) -> None:
    with newsroom.serve(ARTICLES, latency_s=0.01) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _wait(lambda: _finished_count(stack) > ARTICLES // 10, stack)
        _kill(stack, words)
        _check_all_indexed(stack, ARTICLES)


def test_emptied_broker_loses_nothing(stack: Stack) -> None:
    with newsroom.serve(ARTICLES, latency_s=0.01) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _wait(lambda: _finished_count(stack) > ARTICLES // 10, stack)
        stack.context.redis.flushall()
        _check_all_indexed(stack, ARTICLES)


def test_killed_embedded_broker_loses_nothing(stack: Stack) -> None:
    if "COPYDESK_REDIS_URL" in stack.settings:
        pytest.skip("other tests share the configured Redis")
    with newsroom.serve(ARTICLES, latency_s=0.01) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _wait(lambda: _finished_count(stack) > ARTICLES // 10, stack)
        _kill(stack, "valkey-server")
        _check_all_indexed(stack, ARTICLES)


def test_restarted_stack_continues(stack: Stack) -> None:
    with newsroom.serve(ARTICLES, latency_s=0.02) as room:
        stack.run("add", "-", stdin="\n".join(room.urls))
        _wait(lambda: _finished_count(stack) > ARTICLES // 10, stack)
        assert stack.stop() == 0
        assert _finished_count(stack) < ARTICLES, "the stack stopped too late for this test"
        late = stack.run("add", room.origins[0] + "/article/100000")
        assert "created" in late.stderr
        stack.start()
        _check_all_indexed(stack, ARTICLES + 1)
        assert max(room.requests.values()) <= 2


def test_waiting_without_workers_is_explained(stack: Stack) -> None:
    assert stack.stop() == 0
    if "COPYDESK_REDIS_URL" in stack.settings:
        pytest.skip("the configured Redis still has the heartbeat of the stopped workers")
    done = stack.run("add", "http://127.0.0.1:9/never", "--wait", check=False)
    assert done.returncode == 1
    assert "copydesk run" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("signal_", [signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_the_stack(stack: Stack, signal_: signal.Signals) -> None:
    """A closed terminal or a killed supervisor must not leave a broker: the next start would add a second one."""
    if "COPYDESK_REDIS_URL" in stack.settings:
        pytest.skip("the supervisor is the same; one stack is enough")
    pids = [pid for words in ("valkey-server", "-m tasks", "api.web") for pid in stack.pids(words)]
    assert len(pids) > 4
    assert stack.process
    stack.process.send_signal(signal_)
    stack.process.wait(60)
    _wait(lambda: not any(Path(f"/proc/{pid}/stat").exists() and not _is_zombie(pid) for pid in pids), stack)
    stack.start()


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
