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
REQUIRE_SERVICES = "COPYDESK_TEST_REQUIRE_SERVICES"


def are_services_required() -> bool:
    """Return True if a missing service is a failure, as in CI."""
    return os.environ.get(REQUIRE_SERVICES) == "1"


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test, or fail it if services are required."""
    if are_services_required():
        pytest.fail(f"{REQUIRE_SERVICES}=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def start(command: Sequence[str], log: Path, owner: int, environ: Mapping[str, str] | None = None) -> int:
    """Start a server that ends at the latest when process `owner` ends. Return the process id for `stop`."""
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


def stop(pid: int, timeout_s: float = 20) -> None:
    """End a server that this or another process of the test run started with `start`."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    wait_until(lambda: not is_running(pid), timeout_s, lambda: f"process {pid} did not end")


def wait_until(
    condition: Callable[[], bool], timeout_s: float, describe: Callable[[], str] = lambda: "the condition is not met"
) -> None:
    """Wait until the condition holds. Raise `TimeoutError` with the description after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{describe()} after {timeout_s:.0f} s")
        time.sleep(0.05)


def tail(log: Path, size: int = 3000) -> str:
    """Return the last characters of a log file, or nothing if it does not exist."""
    return log.read_text("utf-8", "replace")[-size:] if log.exists() else ""


def is_running(pid: int) -> bool:
    """Return True if the process runs."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # otherwise an ended child would stay a zombie
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
