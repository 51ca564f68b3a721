"""A pool of processes that read many pages at once. Reading needs CPU, and threads make it slower."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import connection
from types import TracebackType

from worker.errors import Unavailable
from worker.model.reasons import Reason
from worker.services.digest.read_page import ReadResult, ReadTask, read_page

MAX_PAGE_S = 60.0  # limit for reading one page, which usually takes milliseconds


class ReaderPool:
    """A pool of processes, used in a `with` statement. They start with the first pages, which takes about a second."""

    def __init__(self, processes: int, *, page_s: float = MAX_PAGE_S) -> None:
        self._processes = processes
        self._read = partial(_read_in_time, page_s)
        self._pool = self._start()

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(self, tasks: Sequence[ReadTask]) -> list[ReadResult]:
        """Read pages; return one result each, in order.

        A page that crashes its process, or takes longer than `page_s`, does not affect the others. Raises `Unavailable`
        if all processes end at once.
        """
        try:
            with _sigint_blocked():
                results = self._pool.map(self._read, tasks)
            return list(results)
        except BrokenProcessPool:
            self._restart()
        alone = [self._read_alone(task) for task in tasks]
        if len(alone) > 1 and all(result.reason is Reason.BREAKS_READER for result in alone):
            raise Unavailable("All reader processes ended at once. Check that there is enough memory, then try again.")
        return alone

    def _read_alone(self, task: ReadTask) -> ReadResult:
        try:
            with _sigint_blocked():
                result = self._pool.submit(self._read, task)
            return result.result()
        except BrokenProcessPool:
            self._restart()
            return ReadResult(reason=Reason.BREAKS_READER, detail="the process of the reader ended")

    def _restart(self) -> None:
        self._pool.shutdown()
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        # Not by fork: the clients of the stores run threads in this process.
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, mp_context=spawn, initializer=_end_with_parent)


def _read_in_time(page_s: float, task: ReadTask) -> ReadResult:
    """Read a page. SIGALRM ends the process if that takes too long, even inside C code."""
    signal.setitimer(signal.ITIMER_REAL, page_s)
    try:
        return read_page(task)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which reaches the whole process group. The parent ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """End this process when its parent ends in any way. Otherwise it would wait for pages forever."""
    parent = multiprocessing.parent_process()
    assert parent
    threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
