"""Concurrent calls: the same function in several threads or processes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from worker.config.settings import Settings

WORKERS = 4


def executors(kind: str) -> Iterator[Executor]:
    """Yield a pool of "threads" or "processes" that have all started."""
    spawn = multiprocessing.get_context("spawn")
    pool: Executor = (
        ThreadPoolExecutor(WORKERS) if kind == "threads" else ProcessPoolExecutor(WORKERS, mp_context=spawn)
    )
    with pool:
        for f in [pool.submit(_warm_up) for _ in range(WORKERS)]:
            f.result()
        yield pool


def _warm_up() -> None:
    """Wait until each worker has one task, so that all have imported everything before a race."""
    time.sleep(0.5)


def together(executor: Executor, work: Callable[[Settings], Any], settings: Settings) -> list[Any]:
    """Run `work` in all workers at the same time. Return their results."""
    return [f.result() for f in [executor.submit(work, settings) for _ in range(WORKERS)]]
