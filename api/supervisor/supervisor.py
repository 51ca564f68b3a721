"""Keep processes running: start in order, restart what dies or stalls, end all in reverse order.

Each service is a process group of its own, so a Ctrl-C in the terminal reaches the supervisor alone, which then ends
the services in its order and loses nothing.
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
STEADY_S = 30.0  # a service that lived so long starts again at once when it dies
LONGEST_WAIT_S = 30.0


class StartFailed(CopydeskError):
    """A service did not come up; the message names it and its exit code."""


@dataclass(frozen=True, kw_only=True)
class Service:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] = lambda: True
    ready_within_s: float = 30.0
    stop_within_s: float = 30.0  #: between SIGTERM and SIGKILL
    lines: str = "its lines above"  #: where it says what went wrong
    is_stalled: Callable[[float], bool] = lambda _: False  #: given the seconds it has run


@dataclass(kw_only=True)
class _Running:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    start_at: float = 0.0  #: monotonic time of the next start, while it is down


class Supervisor:
    def __init__(
        self, services: Sequence[Service], *, output: IO[bytes] | None = None, lock: int | None = None
    ) -> None:
        """`output` takes what the services print; by default they print where we do. `lock` is a locked file that the
        services hold with us, so that none of them outlives us unseen."""
        self._services = services
        self._output = output
        self._lock = lock
        self._running: list[_Running] = []
        self._ending = threading.Event()

    def start(self) -> None:
        """Start all in order, each once the one before is ready. `StartFailed` after ending what was started."""
        try:
            for service in self._services:
                self._running.append(_Running(service=service, process=self._spawn(service), started=time.monotonic()))
                self._await_ready(self._running[-1])
        except BaseException:
            self.end()
            raise

    def watch(self) -> None:
        """Restart what dies, until `ask_to_end`."""
        while not self._ending.wait(POLL_S):
            for running in self._running:
                self._look_after(running)

    def obey_signals(self) -> None:
        """Ctrl-C, a closed terminal and a plain kill end `watch`, and with it the services in their order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_end)

    def ask_to_end(self, *_: object) -> None:
        """Make `watch` return; usable as a signal handler."""
        self._ending.set()

    def end(self) -> None:
        """End all in reverse order of their start; SIGKILL for what does not end in its time."""
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
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, prepared before the fork
        )

    @property
    def pids(self) -> dict[str, int]:
        return {r.service.name: r.process.pid for r in self._running if r.process.poll() is None}

    def _await_ready(self, running: _Running) -> None:
        until = time.monotonic() + running.service.ready_within_s
        while not running.service.is_ready():
            code = running.process.poll()
            if code is not None:
                where = f"{code} while starting; see {running.service.lines}"
                raise StartFailed(f"{running.service.name} ended with exit code {where}")
            if time.monotonic() > until:
                raise StartFailed(f"{running.service.name} was not ready after {running.service.ready_within_s:.0f} s")
            if self._ending.is_set():
                raise StartFailed("interrupted while starting")
            time.sleep(0.05)

    def _look_after(self, running: _Running) -> None:
        now = time.monotonic()
        if running.process.poll() is None:
            if running.service.is_stalled(now - running.started):
                log.warning("%s lives but does nothing; restarting it", running.service.name)
                _stop(running.process, running.service)
        elif not running.start_at:
            steady = now - running.started > STEADY_S
            running.deaths = 0 if steady else running.deaths + 1
            wait = 0.0 if steady else min(2.0 ** (running.deaths - 1), LONGEST_WAIT_S)
            running.start_at = now + wait
            log.warning(
                "%s ended with exit code %s; starting it again in %.0f s",
                running.service.name, running.process.returncode, wait,
            )  # fmt: skip
        elif now >= running.start_at:
            running.process, running.started, running.start_at = self._spawn(running.service), now, 0.0


def _end_with_parent() -> None:
    """In a child, before it becomes the service: should we be killed, the kernel ends it (Linux; elsewhere the lock
    tells the next run that it is still there)."""
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
            log.warning("%s did not end within %.0f s and is killed", service.name, service.stop_within_s)
    _kill_group(process.pid)
    process.wait()


def _kill_group(pid: int) -> None:
    """Children that outlived their parent, such as pool processes of a killed worker."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError:  # macOS says so of a group of zombies
        return
