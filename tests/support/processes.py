"""Start and end the servers that tests need."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

GUARD = Path(__file__).with_name("guard.py")
REQUIRED = "COPYDESK_TEST_REQUIRE_SERVICES"


def are_services_required() -> bool:
    """Return True if a missing service is a failure, as in CI."""
    return os.environ.get(REQUIRED) == "1"


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it if services are required."""
    if are_services_required():
        pytest.fail(f"{REQUIRED}=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def start(command: Sequence[str], log: Path, owner: int, environ: Mapping[str, str] | None = None) -> int:
    """Start a server that ends at the latest when process `owner` ends. Return the process id for `end`."""
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
    process.returncode = 0  # another process may end it, so do not warn that this one did not wait for it
    return process.pid


def end(pid: int, timeout_s: float = 20) -> None:
    """End a server that this or another process of the test run started with `start`."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    until(lambda: not runs(pid), timeout_s, lambda: f"process {pid} did not end")


def until(condition: Callable[[], bool], timeout_s: float, complaint: Callable[[], str]) -> None:
    """Wait until the condition holds. Raise `TimeoutError` with the complaint after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(complaint())
        time.sleep(0.05)


def tail(log: Path, size: int = 3000) -> str:
    """Return the last characters of a log file, or nothing if it does not exist."""
    return log.read_text("utf-8", "replace")[-size:] if log.exists() else ""


def runs(pid: int) -> bool:
    """Return True if the process runs."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # otherwise an ended child would stay a zombie
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
