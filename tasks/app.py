"""The Celery app: queues, routing, delivery.

    queue    pool      tasks
    fetch    threads   fetch_host, deliver (wait on the network),
                       tick, crawl_due, subscribe (look for due work)
    digest   prefork   digest (uses the CPU)
    add      prefork   add (for producers), alert, sweep, recrawl, retain

Messages are wake-ups and carry keys, never pages. The ledger knows what is to be done, so a lost message costs time,
not URLs. Each task may run twice. The app reads the settings when its configuration is first needed, not at import.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from celery import Celery
from kombu import Queue

from tasks.limits import longest_task_s
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.redis_keys import CELERY_QUEUES, Keys

TICK_S = 1.0
CRAWL_DUE_S = 5.0
ALERT_S = 1.0
RECRAWL_S = 30.0
SUBSCRIBE_S = 10.0
RETAIN_S = 60.0
EXPIRES_S = 60.0  # seconds until an untaken tick is dropped: ticks must not pile up while no worker runs
START_S = 120  # seconds for which a starting worker waits for its store
FETCH_TASKS = ("fetch_host", "tick", "crawl_due", "deliver", "subscribe")


@cache
def settings() -> Settings:
    """Return the settings of this process. End the process with exit code 2 if one of them is wrong."""
    try:
        return load()
    except BadInput as e:
        print(f"copydesk: {e}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None  # the exit code of `copydesk` for a wrong setting


def configuration(settings: Settings) -> dict[str, Any]:
    """Return Celery's configuration for these settings."""
    keys = {"global_keyprefix": prefix} if (prefix := Keys(settings.redis_prefix).celery_prefix) else {}
    return {
        "broker_url": settings.broker_url,
        "result_backend": settings.broker_url,
        "result_backend_transport_options": keys,
        # JSON only: a program that can reach the broker must not be able to make a worker run code.
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "result_expires": 3600,
        "task_ignore_result": True,
        "task_default_queue": "add",
        "task_queues": [Queue(name) for name in CELERY_QUEUES],
        "task_routes": {
            **{f"copydesk.{name}": {"queue": "fetch"} for name in FETCH_TASKS},
            "copydesk.digest": {"queue": "digest"},
        },
        # Acknowledged when done, so that a worker's death loses nothing; given back at once if Celery notices it.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            **keys,
            "visibility_timeout": longest_task_s(settings),
            # Look for the messages of dead workers each second, not every tenth second of each tenth worker.
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
        "task_time_limit": longest_task_s(settings),
        "beat_scheduler": "celery.beat:Scheduler",  # it keeps no file of past runs
        "beat_max_loop_interval": 1,
        "beat_schedule": {
            name: {"task": f"copydesk.{name}", "schedule": every_s, "options": {"expires": max(EXPIRES_S, 2 * every_s)}}
            for name, every_s in _periods(settings).items()
        },
        "worker_proc_alive_timeout": START_S + 30,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
    }


def make_app(settings: Settings) -> Celery:
    """Return an app with these settings."""
    app = Celery("copydesk", include=["tasks.tasks"])
    app.conf.update(configuration(settings))
    return app


def _periods(settings: Settings) -> dict[str, float]:
    """Return the seconds between two messages of each task that beat sends."""
    periods = {
        "tick": TICK_S,
        "crawl_due": CRAWL_DUE_S,
        "alert": ALERT_S,
        "recrawl": RECRAWL_S,
        "sweep": settings.sweep_every_s,
    }
    if settings.api_public_url:
        periods["subscribe"] = SUBSCRIBE_S
    return periods | ({"retain": RETAIN_S} if has_retention(settings) else {})


def has_retention(settings: Settings) -> bool:
    """Return True if articles expire."""
    return bool(settings.retention_days or settings.retention_max_articles)


app = Celery("copydesk", include=["tasks.tasks"])
app.add_defaults(lambda: configuration(settings()))
