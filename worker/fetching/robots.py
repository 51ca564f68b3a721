"""What a site's robots.txt allows us, as RFC 9309 reads it. Kept in Redis, so that all workers ask a site once.

2xx                      its rules hold; the first 500 KiB are read
3xx                      followed up to five times; more, or to a blocked address: as if there were none
4xx                      there are no rules: all is allowed
429, 5xx, no answer, or one that is not text
                         nothing is allowed now: come back later, or go on by an older copy of at most a week
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Protocol

import redis
from protego import Protego

from worker.config.settings import Settings
from worker.errors import FetchFailed
from worker.model.records import Fetched

PREFIX = "copydesk:robots:"
MOST_BYTES = 500 * 1024
MOST_REDIRECTS = 5
LONG = 32 * 1024  # characters from which a parsed copy is not kept in memory
MOST_DEFER_S = 3600.0
MEMORY_S = 86_400  # that failures are counted after the last one
STALE_S = 7 * 86_400
VALUED = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")  # rules that have a colon
ACCEPT = "text/plain,*/*;q=0.5"
REFUSED = ("bad-url", "blocked-address", "blocked-port")  # by us: the page itself will be refused likewise


class Getter(Protocol):
    """The part of `session.Fetcher` that is used here."""

    def get(self, url: str, *, accept: str = ..., cut_at_bytes: int | None = ...) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What one origin asks of us."""

    agent: str
    delay_s: float | None = None  #: Crawl-delay or Request-rate, cut to `fetch_max_delay_s`
    defer_s: float | None = None  #: the rules cannot be had: fetch nothing, come back after so many seconds
    failures: int = 0  #: times in a row that the rules could not be had
    reason: str | None = None  #: the last of them, as `FetchFailed.reason`
    sitemaps: tuple[str, ...] = ()
    fetch_s: float | None = None  #: seconds that the site took for them just now; None: they were kept from before
    _parsed: Protego | None = field(default=None, repr=False, compare=False)

    def allows(self, url: str) -> bool:
        """Whether a URL of that origin may be fetched, once `defer_s` is None."""
        return self._parsed is None or self._parsed.can_fetch(url, self.agent)


@dataclass(frozen=True, slots=True)
class CachedRobots:
    """What is kept of one origin. Times are epoch seconds."""

    text: str | None  #: None: the rules could not be had
    fresh_until: float  #: when the site is asked again
    text_until: float  #: when the text is too old even for a site that does not answer
    failures: int = 0
    reason: str | None = None


class RobotsCache:
    """Safe to share between threads. `redis.RedisError` where Redis does not answer; never an error of the site's."""

    def __init__(
        self, client: redis.Redis, fetcher: Getter, settings: Settings, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._redis = client
        self._fetcher = fetcher
        self._settings = settings
        self._clock = clock
        self._agent = product_token(settings.fetch_user_agent)

    def rules(self, origin: str) -> RobotsRules:
        """Of `scheme://host[:port]`; asks the site where no fresh copy is kept."""
        if not self._settings.fetch_robots:
            return RobotsRules(self._agent)
        now, copy = self._clock(), self._kept(origin)
        if copy is not None and copy.fresh_until > now:
            return self._rules(copy, now)
        began = time.monotonic()
        copy = self._renewed(origin, now, copy)
        self._keep(origin, copy, now)
        return replace(self._rules(copy, now), fetch_s=time.monotonic() - began)

    def unavailable(self, origin: str) -> CachedRobots | None:
        """What is kept of a site whose rules could not be had, and that waits to be asked again; asks nobody."""
        copy = self._kept(origin)
        return copy if copy and copy.text is None and copy.fresh_until > self._clock() else None

    def forget(self, origin: str) -> None:
        """Ask the site again at the next visit."""
        self._redis.delete(PREFIX + origin)

    def _renewed(self, origin: str, now: float, old: CachedRobots | None) -> CachedRobots:
        try:
            text = self._ask(origin)
        except FetchFailed as e:
            failures = old.failures + 1 if old else 1
            backoff_s = min(self._settings.fetch_retry_base_s * 2.0 ** min(failures - 1, 20), MOST_DEFER_S)
            fresh_until = now + max(e.retry_after_s or 0, backoff_s)
            if old is None or old.text_until <= now:
                return CachedRobots(None, fresh_until, now, failures, e.reason)
            return CachedRobots(old.text, fresh_until, old.text_until, failures, e.reason)
        # Kept for longer than any delay, or a slow host would be asked for nothing else.
        ttl_s = max(self._settings.fetch_robots_ttl_s, 2 * self._settings.fetch_max_delay_s)
        return CachedRobots(text, now + ttl_s, now + STALE_S)

    def _ask(self, origin: str) -> str:
        """The text of the rules, empty where there are none. `FetchFailed` where that cannot be known now."""
        url = origin + "/robots.txt"
        until = time.monotonic() + self._settings.fetch_total_timeout_s / 2  # for more, nobody's lease lasts
        for _ in range(MOST_REDIRECTS + 1):
            if time.monotonic() > until:
                raise FetchFailed("slow", f"the redirects of {origin}/robots.txt take too long", retry=True)
            try:
                answer = self._fetcher.get(url, accept=ACCEPT, cut_at_bytes=MOST_BYTES)
            except FetchFailed as e:
                if e.retry or not (e.reason in REFUSED or e.reason.startswith("http-4")):
                    raise
                return ""
            if answer.location is None:
                return answer.body.decode("utf-8-sig", "replace")
            url = answer.location
        return ""

    def _rules(self, copy: CachedRobots, now: float) -> RobotsRules:
        if copy.text is None:
            return RobotsRules(self._agent, defer_s=copy.fresh_until - now, failures=copy.failures, reason=copy.reason)
        parsed = _parsed(copy.text) if len(copy.text) < LONG else Protego.parse(copy.text)
        return RobotsRules(
            self._agent,
            delay_s=self._delay_s(parsed),
            failures=copy.failures,
            reason=copy.reason,
            sitemaps=tuple(parsed.sitemaps),
            _parsed=parsed,
        )

    def _delay_s(self, parsed: Protego) -> float | None:
        rate = parsed.request_rate(self._agent)
        wishes = [parsed.crawl_delay(self._agent), rate.seconds / rate.requests if rate and rate.requests else None]
        named = [w for w in wishes if w is not None and w >= 0]  # NaN is not
        return min(max(named), self._settings.fetch_max_delay_s) if named else None

    def _kept(self, origin: str) -> CachedRobots | None:
        value = self._redis.get(PREFIX + origin)
        return CachedRobots(**json.loads(value)) if value else None

    def _keep(self, origin: str, copy: CachedRobots, now: float) -> None:
        last = max(copy.fresh_until, copy.text_until)
        self._redis.set(PREFIX + origin, json.dumps(asdict(copy)), ex=math.ceil(last - now) + MEMORY_S)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Protego:
    """Parsing takes milliseconds, and hosts are visited again and again."""
    return Protego.parse(text)


def product_token(user_agent: str) -> str:
    """The name by which robots.txt addresses us: "Copydesk" of "Copydesk/0.1 (+https://…)"."""
    return user_agent.partition("/")[0].split(maxsplit=1)[0]


def forbids_listing(header: str, user_agent: str) -> bool:
    """Whether an X-Robots-Tag header ("noindex", "otherbot: none, nofollow") asks us not to list the page.

    A part without a name is for all; one with a name holds for that name, and so do the parts after it.
    """
    agent, holds = product_token(user_agent).lower(), True
    for part in header.lower().split(","):
        name, colon, rule = part.strip().partition(":")
        if colon and name in VALUED:
            continue
        holds = name.strip() == agent if colon else holds
        if holds and (rule if colon else name).strip() in ("noindex", "none"):
            return True
    return False
