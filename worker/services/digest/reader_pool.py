"""Many pages read at once by processes of their own: reading burns CPU, and threads make it slower."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import connection
from types import TracebackType

from worker import extraction
from worker.errors import Unavailable, Unreadable
from worker.model.catalog import HostBlocks
from worker.model.reasons import Reason
from worker.model.records import Article, Page
from worker.services.digest.to_document import is_flat

log = logging.getLogger(__name__)
PAGE_S = 60.0  # that reading a page takes at most; it is a matter of milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A page, and in what light it is to be read."""

    page: Page
    known: HostBlocks  #: what its host showed on other pages
    hints: extraction.Hints


#: The article on a page, or the reason why there is none.
Reading = Article | Reason


class Readers:
    """A pool of processes; to be used in a `with`. They start with the first pages, which takes about a second."""

    def __init__(self, processes: int, *, page_s: float = PAGE_S) -> None:
        self._processes = processes
        self._read = partial(_read_in_time, page_s)
        self._pool = self._start()

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def read(self, pages: Sequence[Unread]) -> list[Reading]:
        """One answer each, in order. A page that ends its process, or takes longer than `page_s`, harms no other."""
        try:
            with _ctrl_c_is_ours():
                found = self._pool.map(self._read, pages)
            return list(found)
        except BrokenProcessPool:
            self._restart()
        answers = [self._read_alone(page) for page in pages]
        if len(answers) > 1 and all(answer is Reason.BREAKS_READER for answer in answers):
            raise Unavailable("processes that read pages end at once; see that there is memory for them, and try again")
        return answers

    def _read_alone(self, page: Unread) -> Reading:
        try:
            with _ctrl_c_is_ours():
                answer = self._pool.submit(self._read, page)
            return answer.result()
        except BrokenProcessPool:
            self._restart()
            return Reason.BREAKS_READER

    def _restart(self) -> None:
        self._pool.shutdown()
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        # Not by fork: this process has threads, of the clients of its stores.
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, mp_context=spawn, initializer=_end_with_parent)


def _read_in_time(page_s: float, unread: Unread) -> Reading:
    """SIGALRM ends a process by default, wherever it hangs."""
    signal.setitimer(signal.ITIMER_REAL, page_s)
    try:
        return read(unread)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def read(unread: Unread) -> Reading:
    """As digestion reads a page, and holds it for a story or not; see digesting.py."""
    page, known = unread.page, unread.known
    try:
        if is_flat(page):
            article = extraction.read_text(page.body, page.url)
        else:
            article = extraction.read(
                page.body,
                page.url,
                content_type=page.content_type,
                boilerplate=extraction.HostBoilerplate(pages=known.pages, seen=known.seen),
                hints=replace(unread.hints, fetched_at=page.fetched_at),
            )
    except Unreadable:
        return Reason.UNREADABLE
    except Exception as e:  # a fault of ours: the others go on
        log.warning("Reading %s failed: %s: %s", page.url, type(e).__name__, e)
        return Reason.READER_ERROR
    if not article.kind.is_story:
        return Reason.not_an_article(article.kind)
    return article if article.article_body or article.images else Reason.NO_TEXT


@contextmanager
def _ctrl_c_is_ours() -> Iterator[None]:
    """It reaches the whole group of processes. Those that start in this block never hear it, from their first moment
    on: whoever started them answers it, and ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """However the parent ends: a process of the pool would wait for pages for ever."""
    parent = multiprocessing.parent_process()
    assert parent
    threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
