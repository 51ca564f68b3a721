"""Crawl a source once: fetch the page that lists articles, queue what it lists."""

from __future__ import annotations

import time

from worker import urls
from worker.desk.adding import Added, add
from worker.desk.parts import Desk
from worker.errors import BadInput, FetchFailed, Unavailable, Unreadable
from worker.fetching import feeds, sitemaps
from worker.fetching.found import Found
from worker.fetching.pacing import delay_s
from worker.records import Fetched

POLL_S = 0.2
PATIENCE_S = 120.0  # that a crawl waits for its host to be free


def crawl(desk: Desk, url: str, *, source: str = "") -> list[Added]:
    """Queue every article that a feed or sitemap lists, one answer each, in its order.

    `FetchFailed` if it cannot be fetched, `Unreadable` if it lists nothing that we know how to read.
    """
    fetched = visit(desk, url)
    return add(desk, [f.url for f in listed(fetched)], source=source)


def visit(desk: Desk, url: str) -> Fetched:
    """Fetch one page outside the queue, yet as politely as from it: under the host's lease, by its robots.txt and its
    delay. Redirects are followed, each hop in its own host's time."""
    for _ in range(desk.settings.fetch_max_redirects + 1):
        fetched = _visit_once(desk, urls.target(url).host, url)
        if not fetched.location:
            return fetched
        url = fetched.location
    raise FetchFailed("too-many-redirects", f"{url}: more than {desk.settings.fetch_max_redirects} redirects led here")


def _visit_once(desk: Desk, host: str, url: str) -> Fetched:
    until = time.monotonic() + PATIENCE_S
    seconds = 3 * desk.settings.fetch_total_timeout_s
    while (lease := desk.frontier.lease(host, desk.now().timestamp(), seconds)) is None:
        if time.monotonic() > until:
            raise Unavailable(f"{host} is being visited by others for {PATIENCE_S:.0f} s already; try again later")
        time.sleep(POLL_S)
    next_at = desk.now().timestamp()
    try:
        rules = desk.robots.rules(host)
        if not rules.allows(url):
            raise FetchFailed("robots", f"robots.txt of {host} disallows {url}", rejected=True)
        fetched = desk.fetcher.get(url)
        next_at = desk.now().timestamp() + delay_s(desk.settings, host, rules, fetched.elapsed_s)
        return fetched
    finally:
        desk.frontier.release(lease, next_at)


def listed(fetched: Fetched) -> tuple[Found, ...]:
    """What a fetched feed or sitemap lists."""
    try:
        return feeds.parse(fetched.body, fetched.url, fetched.content_type).found
    except Unreadable:
        pass
    try:
        return sitemaps.parse(fetched.body, fetched.url, fetched.content_type).found
    except Unreadable:
        raise BadInput(f"{fetched.url} is neither a feed nor a sitemap; name the address of one") from None
