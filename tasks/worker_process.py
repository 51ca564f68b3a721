"""One `AppContext` a worker process: built after the fork in a prefork pool, at start in a thread pool."""

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

from tasks.app import ALIVE, PATIENCE_S, app, settings
from worker import logs
from worker.errors import Unavailable
from worker.services.context import AppContext
from worker.wiring import connect

TIDY_S = 600.0
#: Objects made until the collector looks for cycles: a page makes tens of thousands, and none of its own are cycles.
YOUNG = 50_000
log = logging.getLogger(__name__)
_desks: list[AppContext] = []


def context() -> AppContext:
    return _desks[0]


@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    logs.set_up(settings)


@signals.celeryd_init.connect
def _quiet(**_: Any) -> None:
    """Leave out what is said on every start and asks for nothing: that we are root, as in many a container. Messages
    are JSON, so nobody can make us run code."""
    warnings.filterwarnings("ignore", category=SecurityWarning)


@signals.worker_process_init.connect
def _start_process(**_: Any) -> None:
    _desks[:] = [_connect_patiently()]
    gc.collect()
    gc.freeze()  # modules and tables live as long as the process: the collector need not look at them again
    gc.set_threshold(YOUNG, 20, 20)


def _connect_patiently() -> AppContext:
    """Wait for a store that is still starting; after a while give up, so that whoever supervises us sees it."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return connect(settings)
        except Unavailable as e:
            if time.monotonic() > until:
                raise
            log.warning("Waiting for the store: %s", e)
            time.sleep(2)


@signals.worker_init.connect
def _start_thread_pool(sender: Any, **_: Any) -> None:
    if "thread" in str(sender.pool_cls) or "solo" in str(sender.pool_cls):
        _start_process()
        Thread(target=_tidy_for_ever, name="tidy", daemon=True).start()


def _tidy_for_ever() -> None:
    """Close, move and delete archive files as the settings say: on each machine that fetches, since each writes its own
    files."""
    while True:
        try:
            context().archive.tidy(context().now())
        except Exception:  # the thread must outlive any one failure, or files pile up unseen
            log.exception("The archive is tidied later")
        time.sleep(TIDY_S)


@signals.worker_process_shutdown.connect
@signals.worker_shutdown.connect
def _end_process(**_: Any) -> None:
    """Close the archive's file of this process (a killed one leaves it to the tidier), and write what is gathered."""
    for at in _desks:
        at.archive.close()
        at.catalog.boilerplate.flush()


@signals.task_prerun.connect
@signals.task_postrun.connect
def _mark_alive(task: Any, **_: Any) -> None:
    """Say that this queue is consumed: a process may live and yet have lost its broker."""
    queue = app.conf.task_routes.get(task.name, {}).get("queue", app.conf.task_default_queue)
    try:
        context().redis.set(ALIVE + queue, time.time(), ex=86400)
    except RedisError as e:
        log.debug("No sign of life left: %s", e)
