"""Fetch a page that lists articles, as politely as from the queue, and tell what it lists."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from worker import urls
from worker.config.settings import Settings
from worker.discovery import feeds, section_links, sitemaps
from worker.discovery.discovered_link import DiscoveredLink
from worker.discovery.link_shapes import ShapeStatistics
from worker.errors import BadInput, FetchFailed, Unreadable
from worker.fetching.politeness import delay_s
from worker.model.catalog import SourceKind
from worker.model.reasons import Reason
from worker.model.records import Fetched
from worker.queues.frontier import Lease
from worker.services.context import AppContext

POLL_S = 0.2
PATIENCE_S = 180.0  # that a visit waits for its hosts to be free: those of redirects too
HOST_AWAY = frozenset(
    {Reason.HOST_PAUSED, Reason.HOST_BUSY, Reason.ROBOTS_AWAY}
)  #: reasons that say nothing of the page itself


def visit(context: AppContext, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
    """Fetch one page outside the queue: under its host's lease, by its robots.txt and its delay. Redirects are
    followed, each hop in its own host's time. `FetchFailed` says why there is no page."""
    until = time.monotonic() + PATIENCE_S
    for _ in range(context.settings.fetch_max_redirects + 1):
        once = partial(_visit_once, context, url, etag, last_modified, until)
        fetched = once() or once()
        if fetched is None:
            raise FetchFailed(Reason.ROBOTS_AWAY, f"robots.txt of {urls.target(url).host} is asked for again and again")
        if not fetched.location:
            return fetched
        url = _followed(url, fetched.location)
    raise FetchFailed(
        Reason.TOO_MANY_REDIRECTS, f"{url}: more than {context.settings.fetch_max_redirects} redirects led here"
    )


def longest_visit_s(settings: Settings) -> float:
    """Seconds that no visit exceeds: the last lease may be had just in time."""
    return PATIENCE_S + _lease_s(settings)


def _lease_s(settings: Settings) -> float:
    return 2 * settings.fetch_total_timeout_s


def _followed(url: str, location: str) -> str:
    try:
        return urls.clean(location)
    except BadInput as e:
        raise FetchFailed(Reason.BAD_REDIRECT, f"{url} leads to where we cannot go: {e}") from None


def _visit_once(
    context: AppContext, url: str, etag: str | None, last_modified: str | None, until: float
) -> Fetched | None:
    """None where the host has just given us its robots.txt: it is to be left in peace first."""
    host = urls.target(url).host
    lease = _lease(context, host, until)
    next_at = context.now().timestamp()
    try:
        rules = context.robots.rules(host)
        if rules.defer_s is not None:
            next_at += rules.defer_s
            raise FetchFailed(Reason.ROBOTS_AWAY, f"robots.txt of {host} cannot be had now")
        if not rules.allows(url):
            raise FetchFailed(Reason.ROBOTS, f"robots.txt of {host} disallows {url}")
        if rules.fetch_s is not None:
            next_at = context.now().timestamp() + delay_s(context.settings, host, rules, rules.fetch_s)
            return None
        most = context.settings.fetch_max_body_bytes  # of a longer sitemap, the beginning is better than nothing
        began = time.monotonic()
        try:
            fetched = context.fetcher.get(url, etag=etag, last_modified=last_modified, cut_at_bytes=most)
        finally:
            took_s = time.monotonic() - began
            next_at = context.now().timestamp() + delay_s(context.settings, host, rules, took_s)
        context.frontier.record_success(host)
        return fetched
    except FetchFailed as e:
        if e.retry and e.reason is not Reason.ROBOTS_AWAY:
            pause = context.frontier.record_failure(host, context.now().timestamp(), e.reason, e.retry_after_s)
            next_at = max(next_at, pause.until) if pause else next_at
        raise
    finally:
        context.frontier.release(lease, next_at)


def _lease(context: AppContext, host: str, until: float) -> Lease:
    """The host's lease, waited for while others have it. `FetchFailed` where it will not be free soon, or where the
    whole visit has taken too long by then (`until`, by the monotonic clock)."""
    if time.monotonic() > until:
        raise FetchFailed(Reason.HOST_BUSY, f"the way to {host} took longer than {PATIENCE_S:.0f} s; try again later")
    while (lease := context.frontier.lease(host, context.now().timestamp(), _lease_s(context.settings))) is None:
        now = context.now().timestamp()
        pause = context.frontier.pause_of(host)
        if pause and pause.until > now + PATIENCE_S:
            detail = f"{host} is left alone for {pause.until - now:.0f} s more, because of {pause.reason}"
            raise FetchFailed(Reason.HOST_PAUSED, detail)
        if time.monotonic() > until:
            detail = f"{host} was not free for us within {PATIENCE_S:.0f} s; try again later"
            raise FetchFailed(Reason.HOST_BUSY, detail)
        time.sleep(POLL_S)
    return lease


def kind_of(fetched: Fetched) -> SourceKind:
    """What lies at an address: a feed, a sitemap, or a page with links. `Unreadable` if it is none of these."""
    for kind, parse in ((SourceKind.FEED, feeds.parse), (SourceKind.SITEMAP, sitemaps.parse)):
        try:
            parse(fetched.body, fetched.url, fetched.content_type)
        except Unreadable:
            continue
        return kind
    section_links.find_articles(fetched.body, fetched.url, fetched.content_type)
    return SourceKind.SECTION


def recent(context: AppContext, found: Sequence[DiscoveredLink]) -> list[DiscoveredLink]:
    """Without what is older than `source_max_age_days`, so that a sitemap does not pull in an archive of decades."""
    days = context.settings.source_max_age_days
    if not days:
        return list(found)
    oldest = context.now() - timedelta(days=days)
    return [f for f in found if (f.modified or f.published or oldest) >= oldest]


def listed(kind: SourceKind, fetched: Fetched, learned: ShapeStatistics | None = None) -> tuple[DiscoveredLink, ...]:
    """The articles that a feed or a section page lists. `Unreadable` if it is none."""
    if kind is SourceKind.FEED:
        return feeds.parse(fetched.body, fetched.url, fetched.content_type).links
    return section_links.find_articles(fetched.body, fetched.url, fetched.content_type, learned)
