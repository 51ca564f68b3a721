"""The tasks, about five lines each: they call a use case and send what follows from it."""

from __future__ import annotations

import logging
from typing import Any

from redis.exceptions import RedisError

from tasks.app import app
from tasks.worker_process import context
from worker.errors import BadInput, CopydeskError, Unavailable
from worker.services.alerts.matching import alert as match_news
from worker.services.alerts.webhook_delivery import deliver as deliver_matches
from worker.services.alerts.webhook_delivery import due as due_webhooks
from worker.services.context import AppContext
from worker.services.crawl.host_turn import host_turn
from worker.services.crawl.recrawl import recrawl as recrawl_rows
from worker.services.crawl.sweeper import sweep as sweep_ledger
from worker.services.digest.digest import digest as digest_pages
from worker.services.intake.submit import add as add_urls
from worker.services.maintenance.retention import retain as retain_articles
from worker.services.sources.registry import claim_due, crawl_claimed
from worker.services.sources.websub import ask
from worker.services.sources.websub import claim_due as claim_hubs

log = logging.getLogger(__name__)
BELL_MS = 200  # at most one wake-up for the digesters in that time
MOST_WAITING = 100  # messages in the fetch queue, above which no more hosts are handed out: repeats would fill it
SOURCES_A_ROUND = 50
WEBHOOKS_A_ROUND = 50
HUBS_A_ROUND = 50


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
    """Once a second: one message a host whose time has come, and one if pages wait that nobody rang for, or are
    leased: their reader may be gone, and its message comes again only after the longest of tasks."""
    at = context()
    room = max(0, MOST_WAITING - int(at.redis.llen(at.keys.celery_queue("fetch"))))
    for host in at.frontier.due_hosts(at.now().timestamp(), room) if room else ():
        fetch_host.delay(host)
    pages = at.spool.depths()
    if pages["waiting"] or pages["leased"]:
        wake_digesters(at)


@app.task(name="copydesk.crawl_due", throws=(Unavailable,))
def crawl_due() -> None:
    """One message a source whose time has come. Each is claimed first, so two beats crawl nothing twice."""
    for source in claim_due(context(), SOURCES_A_ROUND):
        crawl_source.delay(source.name, source.claim)


@app.task(name="copydesk.crawl_source", throws=(Unavailable,))
def crawl_source(name: str, claim: int) -> None:
    """Queue what a source lists, unless that was begun already or somebody else has claimed it since."""
    crawled = crawl_claimed(context(), name, claim)
    if crawled and crawled.problem:
        log.warning("Source %s: %s", name, crawled.problem)


@app.task(name="copydesk.alert")
def alert() -> None:
    """Ask saved searches about new articles, and send one message a webhook that is to be told."""
    at = context()
    try:
        match_news(at)
    except Unavailable as e:
        log.warning("Saved searches are asked later: %s", e)
    for search in due_webhooks(at, WEBHOOKS_A_ROUND):
        deliver.delay(search)


@app.task(name="copydesk.deliver")
def deliver(search: str) -> None:
    """Tell one webhook what its search has found."""
    try:
        deliver_matches(context(), search)
    except Unavailable as e:
        log.warning("The webhook of %s is told later: %s", search, e)


@app.task(name="copydesk.subscribe", throws=(Unavailable,))
def subscribe() -> None:
    """One message a hub that is to be asked for news of a feed."""
    for source in claim_hubs(context(), HUBS_A_ROUND):
        ask_hub.delay(source)


@app.task(name="copydesk.ask_hub", throws=(Unavailable,))
def ask_hub(source: str) -> None:
    """Ask the hub of one source."""
    ask(context(), source)


@app.task(name="copydesk.recrawl", throws=(Unavailable,))
def recrawl() -> None:
    """Queue young articles again, for corrections."""
    recrawl_rows(context())


@app.task(name="copydesk.fetch_host")
def fetch_host(host: str) -> None:
    """One host's turn."""
    at = context()
    try:
        host_turn(at, host, lambda: wake_digesters(at))
    except Unavailable as e:
        log.warning("The turn of %s ended early, its URLs stay queued: %s", host, e)


@app.task(name="copydesk.digest")
def digest() -> None:
    """Read and file what waits."""
    try:
        digest_pages(context())
        if context().spool.depths()["waiting"]:
            digest.delay()  # in this one's place
    except CopydeskError as e:
        log.warning("Filing pauses, the pages stay in the spool: %s", e)


@app.task(name="copydesk.sweep")
def sweep() -> None:
    """Queue again what Redis lost."""
    try:
        sweep_ledger(context())
    except Unavailable as e:
        log.warning("The sweep comes again later: %s", e)


@app.task(name="copydesk.retain")
def retain() -> None:
    """Let go of what is too old or too much."""
    try:
        if gone := retain_articles(context()):
            log.info("%d articles expired", gone)
    except Unavailable as e:
        log.warning("What expired goes later: %s", e)


def wake_digesters(at: AppContext) -> None:
    """Wake a digester, unless one was woken just now or enough messages wait for them."""
    try:
        if int(at.redis.llen(at.keys.celery_queue("digest"))) < at.settings.processes and at.redis.set(
            at.keys.digest_wakeup, 1, nx=True, px=BELL_MS
        ):
            digest.delay()
    except RedisError as e:
        log.warning("Could not wake the digesters; the next tick does: %s", e)
