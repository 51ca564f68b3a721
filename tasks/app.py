"""The Celery app: queues, routing, delivery.

    queue    pool      tasks
    fetch    threads   fetch_host, crawl_source, deliver, ask_hub (wait on the network),
                       tick, crawl_due, subscribe (who is due?)
    digest   prefork   digest (burns CPU)
    add      prefork   add (for producers), alert, sweep, recrawl, retain

Messages are wake-ups and carry keys, never pages; the ledger knows what is to be done, so a lost message costs time,
not URLs. Every task may run twice.
"""

from __future__ import annotations

import sys

from celery import Celery
from kombu import Queue

from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.services.sources.sitemap_walk import longest_s as longest_walk_s

TICK_S = 1.0
CRAWL_DUE_S = 5.0
ALERT_S = 1.0
RECRAWL_S = 30.0
SUBSCRIBE_S = 10.0
RETAIN_S = 60.0
EXPIRES_S = 60.0  # a tick that nobody took is worth nothing: they must not pile up while workers are away
PATIENCE_S = 120  # that a starting worker waits for its store
ALIVE = "copydesk:alive:"  # key prefix: when a task of that queue last began or ended, epoch seconds


def make_app(settings: Settings) -> Celery:
    app = Celery("copydesk", broker=settings.broker_url, backend=settings.broker_url, include=["tasks.tasks"])
    app.conf.update(
        # JSON alone: nobody who can reach the broker can make a worker run code.
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        result_expires=3600,
        task_ignore_result=True,
        task_default_queue="add",
        task_queues=[Queue("add"), Queue("digest"), Queue("fetch")],
        task_routes={
            "copydesk.fetch_host": {"queue": "fetch"},
            "copydesk.tick": {"queue": "fetch"},
            "copydesk.crawl_due": {"queue": "fetch"},
            "copydesk.crawl_source": {"queue": "fetch"},
            "copydesk.deliver": {"queue": "fetch"},
            "copydesk.subscribe": {"queue": "fetch"},
            "copydesk.ask_hub": {"queue": "fetch"},
            "copydesk.digest": {"queue": "digest"},
        },
        # Acknowledged when done, so that a worker's death loses nothing; given back at once where Celery sees it.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": longest_task_s(settings),
            # Look for what dead workers left each second, not every tenth second of each tenth worker.
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
        task_time_limit=longest_task_s(settings),
        beat_scheduler="celery.beat:Scheduler",  # nothing to remember: the schedule is below
        beat_max_loop_interval=1,
        beat_schedule={
            name: {"task": f"copydesk.{name}", "schedule": every_s, "options": {"expires": max(EXPIRES_S, 2 * every_s)}}
            for name, every_s in _periods(settings).items()
        },
        worker_proc_alive_timeout=PATIENCE_S + 30,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
    )
    return app


def _periods(settings: Settings) -> dict[str, float]:
    """Seconds between two ticks of each task that beat sends."""
    periods = {
        "tick": TICK_S,
        "crawl_due": CRAWL_DUE_S,
        "alert": ALERT_S,
        "recrawl": RECRAWL_S,
        "sweep": settings.sweep_every_s,
    }
    if settings.api_public_url:
        periods["subscribe"] = SUBSCRIBE_S
    return periods | ({"retain": RETAIN_S} if retains(settings) else {})


def retains(settings: Settings) -> bool:
    """Whether articles expire at all."""
    return bool(settings.retention_days or settings.retention_max_articles)


def longest_task_s(settings: Settings) -> int:
    """Seconds that no task exceeds: a host's turn and the request under way at its end, a visit to a source, or a
    digest batch."""
    turn_s = settings.fetch_turn_s + 4 * settings.fetch_total_timeout_s
    return int(max(turn_s, longest_walk_s(settings), 2 * settings.digest_lease_s))


def _settings() -> Settings:
    try:
        return load()
    except BadInput as e:
        print(f"copydesk: {e}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None  # a command tells it so, too


settings = _settings()
app = make_app(settings)
