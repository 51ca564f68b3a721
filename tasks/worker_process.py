"""One `AppContext` for each worker process: built after the fork in a prefork pool, at start in a thread pool."""

from __future__ import annotations

import gc
import logging
import time
import warnings
from threading import Thread
from typing import Any

from celery import signals
from celery.exceptions import SecurityWarning
from redis.exceptions import RedisError

from tasks.app import START_S, app, settings
from worker import logs
from worker.errors import Unavailable
from worker.services.context import AppContext
from worker.wiring import connect

ARCHIVE_TIDY_S = 600.0
#: New objects after which the garbage collector runs: a page makes tens of thousands, and few of them are in cycles.
GC_THRESHOLD = 50_000
log = logging.getLogger(__name__)
_contexts: list[AppContext] = []


def context() -> AppContext:
    """Return the context of this process."""
    return _contexts[0]


@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    logs.set_up(settings())


@signals.celeryd_init.connect
def _ignore_root_warning(**_: Any) -> None:
    """Suppress Celery's warning about running as root: it is about pickled messages, and ours are JSON."""
    warnings.filterwarnings("ignore", category=SecurityWarning)


@signals.worker_process_init.connect
def _start_process(**_: Any) -> None:
    _contexts[:] = [_connect_with_retries()]
    gc.collect()
    gc.freeze()  # modules and tables live as long as the process: the collector need not look at them again
    gc.set_threshold(GC_THRESHOLD, 20, 20)


def _connect_with_retries() -> AppContext:
    """Wait for a store that is still starting; after `START_S` raise, so that the supervisor notices."""
    until = time.monotonic() + START_S
    while True:
        try:
            return connect(settings())
        except Unavailable as e:
            if time.monotonic() > until:
                raise
            log.warning("Waiting for the store: %s", e)
            time.sleep(2)


@signals.worker_init.connect
def _start_thread_pool(sender: Any, **_: Any) -> None:
    if "thread" in str(sender.pool_cls) or "solo" in str(sender.pool_cls):
        _start_process()
        Thread(target=_tidy_archive_forever, name="tidy", daemon=True).start()


def _tidy_archive_forever() -> None:
    """Close, move and delete archive files as the settings say.

    This runs on each machine that fetches, because each writes its own files.
    """
    while True:
        try:
            context().archive.tidy(context().now())
        except Exception:  # the thread must survive any failure, or files pile up unnoticed
            log.exception("Archive not tidied, trying again in %.0f s", ARCHIVE_TIDY_S)
        time.sleep(ARCHIVE_TIDY_S)


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _end_process(**_: Any) -> None:
    """Close this process's archive file (after a kill, `tidy` does it) and write the boilerplate counts."""
    for context in _contexts:
        context.archive.close()
        context.catalog.boilerplate.flush()


@signals.task_prerun.connect
@signals.task_postrun.connect
def _record_sign_of_life(task: Any, **_: Any) -> None:
    """Record that this queue is consumed: a process may live and yet have lost its broker."""
    queue = app.conf.task_routes.get(task.name, {}).get("queue", app.conf.task_default_queue)
    try:
        context().redis.set(context().keys.alive(queue), time.time(), ex=86400)
    except RedisError as e:
        log.debug("Sign of life not recorded: %s", e)
