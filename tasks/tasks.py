"""The tasks, a few lines each: they call a use case and send the messages that follow from it."""

from __future__ import annotations

import logging
from typing import Any

from redis.exceptions import RedisError

from tasks.app import app
from tasks.worker_process import context
from worker.errors import BadInput, CopydeskError, Unavailable
from worker.services.alerts import matching, webhook_delivery
from worker.services.crawl.host_visit import visit_host
from worker.services.crawl.recrawl import recrawl as recrawl_rows
from worker.services.crawl.sweeper import sweep as sweep_ledger
from worker.services.digest.digest import digest as digest_pages
from worker.services.intake.submit import add as add_urls
from worker.services.maintenance.retention import retain as retain_articles
from worker.services.sources import visits, websub

log = logging.getLogger(__name__)
WAKE_INTERVAL_MS = 200  # minimum time between two wake-ups of the digest workers
MAX_MESSAGES = 100  # in the fetch queue; above this, no more hosts are sent: repetitions would fill it
SOURCES_PER_ROUND = 50
WEBHOOKS_PER_ROUND = 50
HUBS_PER_ROUND = 50


@app.task(
    name="copydesk.add", ignore_result=False, autoretry_for=(Unavailable,), max_retries=None, default_retry_delay=5
)
def add(urls: list[str], source: str = "celery", force: bool = False) -> list[dict[str, Any]]:
    """Accept URLs. The result has one `{"url", "verdict", "id", "problem"}` for each."""
    if not isinstance(urls, list) or not all(isinstance(u, str) for u in urls):
        raise BadInput('copydesk.add takes one list of URLs: args=[["https://…", "https://…"]]')
    answers = add_urls(context(), urls, source=source, force=force)
    return [
        {"url": a.url, "verdict": a.verdict, "id": a.row.id if a.row else None, "problem": a.problem} for a in answers
    ]


@app.task(name="copydesk.tick")
def tick() -> None:
    """Send a message for each host that is due, and one for the digest workers if pages wait or are leased.

    A lease may be a dead reader's, whose message comes again only after the longest task.
    """
    at = context()
    room = max(0, MAX_MESSAGES - int(at.redis.llen(at.keys.celery_queue("fetch"))))
    for host in at.frontier.due_hosts(at.now().timestamp(), room) if room else ():
        fetch_host.delay(host)
    pages = at.spool.depths()
    if pages["waiting"] or pages["leased"]:
        wake_digesters()


@app.task(name="copydesk.crawl_due", throws=(Unavailable,))
def crawl_due() -> None:
    """Queue the visits of due sources."""
    visits.queue_due(context(), SOURCES_PER_ROUND)


@app.task(name="copydesk.subscribe", throws=(Unavailable,))
def subscribe() -> None:
    """Queue the requests of due hub subscriptions."""
    websub.queue_due(context(), HUBS_PER_ROUND)


@app.task(name="copydesk.alert")
def alert() -> None:
    """Match new articles with the saved searches, and send a message for each webhook with due deliveries."""
    at = context()
    try:
        matching.alert(at)
    except Unavailable as e:
        log.warning("Alerts postponed, the store is unavailable: %s", e)
    for search in webhook_delivery.due(at, WEBHOOKS_PER_ROUND):
        deliver.delay(search)


@app.task(name="copydesk.deliver")
def deliver(search: str) -> None:
    """Send the due deliveries of one saved search to its webhook."""
    try:
        webhook_delivery.deliver(context(), search)
    except Unavailable as e:
        log.warning("Deliveries of the saved search %s postponed, the store is unavailable: %s", search, e)


@app.task(name="copydesk.recrawl", throws=(Unavailable,))
def recrawl() -> None:
    """Queue young articles again, for corrections."""
    recrawl_rows(context())


@app.task(name="copydesk.fetch_host")
def fetch_host(host: str) -> None:
    """Visit one host."""
    try:
        visit_host(context(), host, wake_digesters)
    except Unavailable as e:
        log.warning("The visit of %s ended early, its URLs stay queued: %s", host, e)


@app.task(name="copydesk.digest")
def digest() -> None:
    """Read waiting pages and write their articles."""
    try:
        digest_pages(context())
        if context().spool.depths()["waiting"]:
            digest.delay()  # this task ends soon, so that the others of its pool get their share
    except CopydeskError as e:
        log.warning("Digest paused, the pages stay in the spool: %s", e)


@app.task(name="copydesk.sweep")
def sweep() -> None:
    """Queue again the URLs that Redis has lost."""
    try:
        sweep_ledger(context())
    except Unavailable as e:
        log.warning("Sweep postponed, the store is unavailable: %s", e)


@app.task(name="copydesk.retain")
def retain() -> None:
    """Delete articles that are too old or too many."""
    try:
        if deleted := retain_articles(context()):
            log.info("%d articles expired", deleted)
    except Unavailable as e:
        log.warning("Retention postponed, the store is unavailable: %s", e)


def wake_digesters() -> None:
    """Send a message to the digest workers, unless one was sent just now or enough of them wait."""
    at = context()
    try:
        waiting = int(at.redis.llen(at.keys.celery_queue("digest")))
        if waiting < at.settings.processes and at.redis.set(at.keys.digest_wakeup, 1, nx=True, px=WAKE_INTERVAL_MS):
            digest.delay()
    except RedisError as e:
        log.warning("Digest workers not woken, the next tick does it: %s", e)
