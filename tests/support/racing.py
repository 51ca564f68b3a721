"""Many callers at once: the same calls from threads and from processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from worker.config.settings import Settings

WORKERS = 4


def executors(kind: str) -> Iterator[Executor]:
    """A pool of "threads" or "processes" that are all awake."""
    spawn = multiprocessing.get_context("spawn")
    pool: Executor = (
        ThreadPoolExecutor(WORKERS) if kind == "threads" else ProcessPoolExecutor(WORKERS, mp_context=spawn)
    )
    with pool:
        for f in [pool.submit(_warm_up) for _ in range(WORKERS)]:
            f.result()
        yield pool


def _warm_up() -> None:
    """Long enough that each worker takes one, so that all have imported everything before they are to race."""
    time.sleep(0.5)


def together(executor: Executor, work: Callable[[Settings], Any], settings: Settings) -> list[Any]:
    """What each of the workers gets from doing the same at the same time."""
    return [f.result() for f in [executor.submit(work, settings) for _ in range(WORKERS)]]
