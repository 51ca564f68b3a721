"""Fixtures that run the whole stack as processes, embedded and on Redis with Elasticsearch."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from sample.server import serve
from sample.site import Site
from tests.support.servers.redis_server import RedisServer
from worker.config.loading import load
from worker.services.context import AppContext
from worker.wiring import connect

COPYDESK = str(Path(sys.executable).parent / "copydesk")
START_TIMEOUT_S = 60
#: Settings without delays and with short timeouts.
FAST_SETTINGS = {
    "COPYDESK_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
    "COPYDESK_FETCH_DELAY_S": "0",
    "COPYDESK_FETCH_DELAY_FACTOR": "0",
    "COPYDESK_FETCH_RETRY_BASE_S": "0.2",
    "COPYDESK_FETCH_TOTAL_TIMEOUT_S": "5",
    "COPYDESK_FETCH_VISIT_S": "5",
    "COPYDESK_FETCH_THREADS": "8",
    "COPYDESK_DIGEST_PROCESSES": "2",
    "COPYDESK_DIGEST_LEASE_S": "5",
    "COPYDESK_SWEEP_EVERY_S": "1",
    "COPYDESK_SWEEP_AFTER_S": "5",
    "COPYDESK_FETCH_USER_AGENT": "CopydeskTest/1 (+http://127.0.0.1/)",
}


@dataclass
class Stack:
    """A `copydesk run` with its own settings and data folder, and commands with the same settings."""

    settings: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    _contexts: list[AppContext] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """The environment of the stack and its commands."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
        return {**inherited, **FAST_SETTINGS, "COPYDESK_DATA_DIR": str(self.folder), **self.settings}

    def start(self) -> None:
        """Start the stack and wait until the API is ready."""
        self.port = self.port or free_port()
        env = {**self.env, "COPYDESK_API_PORT": str(self.port)}
        with (self.folder / "run.log").open("ab") as log:
            self.process = subprocess.Popen([COPYDESK, "run"], env=env, stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            assert self.process.poll() is None, self.log_tail()
            assert time.monotonic() < deadline, self.log_tail()
            time.sleep(0.1)

    def running(self) -> Iterator[Stack]:
        """Start the stack, yield it, and stop it unless the test has done so. For use in a fixture."""
        self.start()
        yield self
        if self.process and self.process.poll() is None:
            self.stop()

    def stop(self, signal_: signal.Signals = signal.SIGINT) -> int:
        """Stop the stack, by default as Ctrl-C does, and return the exit code."""
        assert self.process
        self.process.send_signal(signal_)
        return self.process.wait(60)

    def log_tail(self) -> str:
        """Return the end of the log."""
        return (self.folder / "run.log").read_text("utf-8", "replace")[-5000:]

    def run(self, *words: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command and return its result. With `check`, assert that it succeeds."""
        command = [COPYDESK, *words]
        done = subprocess.run(
            command, env=self.env, input=stdin, capture_output=True, text=True, timeout=90, check=False
        )
        assert not check or done.returncode == 0, (
            f"{words}: {done.returncode}\n{done.stdout}{done.stderr}\n{self.log_tail()}"
        )
        return done

    def json(self, *words: str, check: bool = True) -> Any:
        """Run a command with --json and return its output."""
        return json.loads(self.run(*words, "--json", check=check).stdout)

    def url(self, path: str) -> str:
        """Return the URL of a path of the API."""
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def context(self) -> AppContext:
        """The stores of the stack, for checks that no command offers."""
        if not self._contexts:
            self._contexts.append(connect(load(self.env)))
        return self._contexts[0]

    def pids(self, words: str) -> list[int]:
        """Return the processes of this stack whose command line contains these words."""
        assert self.process
        found = subprocess.run(["pgrep", "-f", "--", words], capture_output=True, text=True, check=False).stdout.split()
        return [int(pid) for pid in found if _is_descendant(int(pid), self.process.pid)]

    def _is_ready(self) -> bool:
        try:
            return requests.get(self.url("/readyz"), timeout=1).status_code == 200
        except requests.RequestException:
            return False


def _is_descendant(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])
        except OSError:
            return False
    return False


def free_port() -> int:
    """Return a free TCP port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def sites() -> Iterator[Mapping[str, Site]]:
    """Yield the sample publishers by name, served on free ports."""
    with serve() as served:
        yield served


@pytest.fixture(params=["embedded", "services"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """Yield a running stack. Each test runs on the embedded stack and on Redis with Elasticsearch."""
    settings: dict[str, str] = {}
    if request.param == "services":
        redis: RedisServer = request.getfixturevalue("redis")
        with redis.client() as client:
            client.flushall()
        elastic = request.getfixturevalue("elastic_settings")
        settings = {
            "COPYDESK_REDIS_URL": redis.url,
            "COPYDESK_INDEX_URL": elastic.store_url,
            "COPYDESK_INDEX_PREFIX": elastic.index_prefix,
        }
    yield from Stack(settings, tmp_path).running()
