"""Starting and ending the servers of the tests."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

GUARD = Path(__file__).with_name("guard.py")
REQUIRED = "COPYDESK_TEST_REQUIRE_SERVICES"


def missing(reason: str) -> None:
    """Skip the test, or fail it where all services are required (in CI)."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def start(command: Sequence[str], log: Path, owner: int, environ: Mapping[str, str] | None = None) -> int:
    """Start a server that ends at the latest when process `owner` does. Returns the process id to give to `end`."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, str(GUARD), str(owner), *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environ,
            cwd=log.parent,
            start_new_session=True,
        )
    process.returncode = 0  # whoever ends it may be another process: nobody here waits for it
    return process.pid


def end(pid: int, timeout_s: float = 20) -> None:
    """End a server that `start` started, here or in another process of this test run."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    until(lambda: not runs(pid), timeout_s, lambda: f"process {pid} did not end")


def until(condition: Callable[[], bool], timeout_s: float, complaint: Callable[[], str]) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint())
        time.sleep(0.05)


def tail(log: Path, size: int = 3000) -> str:
    return log.read_text("utf-8", "replace")[-size:] if log.exists() else ""


def runs(pid: int) -> bool:
    """Whether the process is there."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours would stay a zombie
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
