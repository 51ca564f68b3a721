"""Start processes in order, restart those that exit or stall, and stop all in reverse order.

Each service runs in its own process group, so that Ctrl-C in the terminal reaches only the supervisor. It then stops
the services in its order, and nothing is lost.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from worker.config.folders import UMASK
from worker.errors import CopydeskError

log = logging.getLogger(__name__)
POLL_S = 0.2
STEADY_S = 30.0  #: seconds after which a service that exits is restarted without delay
MAX_RESTART_DELAY_S = 30.0


class StartFailed(CopydeskError):
    """A service did not start. The message has its name and exit code."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process to keep running."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] = lambda: True
    ready_within_s: float = 30.0
    stop_within_s: float = 30.0  #: seconds between SIGTERM and SIGKILL
    log: str = "its output above"  #: where to find its error messages
    is_stalled: Callable[[float], bool] = lambda _: False  #: takes the seconds since the start


@dataclass(kw_only=True)
class _Running:
    """A service with its current process."""

    service: Service
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0  #: early exits in a row
    restart_at: float = 0.0  #: monotonic time of the next start, while no process runs


class Supervisor:
    """Runs services as child processes."""

    def __init__(
        self, services: Sequence[Service], *, output: IO[bytes] | None = None, lock: int | None = None
    ) -> None:
        """Take the services in start order.

        `output` receives the output of the services; by default they inherit ours. `lock` is the descriptor of a locked
        file that the services inherit, so that the lock is held until the last of them has ended.
        """
        self._services = services
        self._output = output
        self._lock = lock
        self._running: list[_Running] = []
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start all services in order, each when the one before is ready.

        If a service does not start, stop the others and raise `StartFailed`.
        """
        try:
            for service in self._services:
                self._running.append(_Running(service=service, process=self._spawn(service), started=time.monotonic()))
                self._await_ready(self._running[-1])
        except BaseException:
            self.stop()
            raise

    def watch(self) -> None:
        """Restart services that exit or stall, until `request_stop` is called."""
        while not self._stopping.wait(POLL_S):
            for running in self._running:
                self._restart_if_needed(running)

    def handle_signals(self) -> None:
        """Make SIGINT (Ctrl-C), SIGTERM and SIGHUP (a closed terminal) end `watch`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.request_stop)

    def request_stop(self, *_: object) -> None:
        """Make `watch` return. Usable as a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop all services in reverse order. Kill those that do not stop within their time."""
        for running in reversed(self._running):
            _stop(running.process, running.service)
        self._running.clear()

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        log.debug("starting %s: %s", service.name, " ".join(service.argv))
        return subprocess.Popen(  # noqa: S603
            list(service.argv),
            env={**os.environ, **service.env},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output and subprocess.STDOUT,
            start_new_session=True,
            umask=UMASK,
            pass_fds=() if self._lock is None else (self._lock,),
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, prepared before the fork
        )

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of the running services by name."""
        return {r.service.name: r.process.pid for r in self._running if r.process.poll() is None}

    def _await_ready(self, running: _Running) -> None:
        until = time.monotonic() + running.service.ready_within_s
        while not running.service.is_ready():
            code = running.process.poll()
            if code is not None:
                problem = f"{running.service.name} exited with code {code} while starting."
                raise StartFailed(f"{problem} See {running.service.log}.")
            if time.monotonic() > until:
                raise StartFailed(f"{running.service.name} was not ready after {running.service.ready_within_s:.0f} s.")
            if self._stopping.is_set():
                raise StartFailed("Interrupted while starting.")
            time.sleep(0.05)

    def _restart_if_needed(self, running: _Running) -> None:
        now = time.monotonic()
        if running.process.poll() is None:
            if running.service.is_stalled(now - running.started):
                log.warning("%s is stalled: messages wait, but it runs no task. Restarting it", running.service.name)
                _stop(running.process, running.service)
        elif not running.restart_at:
            steady = now - running.started > STEADY_S
            running.failures = 0 if steady else running.failures + 1
            delay = 0.0 if steady else min(2.0 ** (running.failures - 1), MAX_RESTART_DELAY_S)
            running.restart_at = now + delay
            log.warning(
                "%s exited with code %s. Restarting it in %.0f s",
                running.service.name, running.process.returncode, delay,
            )  # fmt: skip
        elif now >= running.restart_at:
            running.process, running.started, running.restart_at = self._spawn(running.service), now, 0.0


def _die_with_parent() -> None:
    """Ask the kernel to stop this child process when the supervisor is killed.

    Runs between fork and exec. It works on Linux only; elsewhere the inherited lock tells the next run that a service
    is still running.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _stop(process: subprocess.Popen[bytes], service: Service) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(service.stop_within_s)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop within %.0f s. Killing it", service.name, service.stop_within_s)
    _kill_group(process.pid)
    process.wait()


def _kill_group(pid: int) -> None:
    """Kill the children that outlive their parent, such as the pool processes of a killed worker."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError:  # macOS reports this for a group of zombies
        return
