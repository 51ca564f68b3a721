"""The robots.txt rules of each host, read as RFC 9309 specifies. Redis keeps them, so all workers share one copy.

| response to robots.txt | effect |
|---|---|
| 2xx | its rules apply; the first 500 KiB are read |
| 3xx | followed up to five times; after more, or to a blocked address: everything is allowed |
| 4xx | everything is allowed |
| 429, 5xx, none, or not text | nothing is allowed for now; a cached copy of at most a week applies meanwhile |
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache
from typing import Protocol

import redis
from protego import Protego

from worker.config.settings import Settings
from worker.errors import FetchFailed
from worker.model.reasons import Reason
from worker.model.records import Fetched
from worker.redis_keys import Keys

MAX_BYTES = 500 * 1024
MAX_REDIRECTS = 5
MAX_MEMOIZED_CHARS = 32 * 1024  # longer files are parsed at each use
MAX_DEFER_S = 3600.0
KEPT_AFTER_EXPIRY_S = 86_400  # so that failures in a row are counted after a copy has expired
STALE_S = 7 * 86_400
ACCEPT = "text/plain,*/*;q=0.5"
#: Our own refusals. The page itself will be refused for the same reason.
REFUSED = (Reason.BAD_URL, Reason.BLOCKED_ADDRESS, Reason.BLOCKED_PORT)
#: X-Robots-Tag rules that contain a colon, which otherwise follows a crawler's name.
RULES_WITH_COLON = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")


class Getter(Protocol):
    """The part of `Fetcher` that is used here."""

    def get(self, url: str, *, accept: str = ..., cut_at_bytes: int | None = ...) -> Fetched:
        """Send one GET request and return the response."""


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The robots.txt rules of one origin for our crawler."""

    agent: str
    delay_s: float | None = None  #: Crawl-delay or Request-rate, limited to `fetch_max_delay_s`
    defer_s: float | None = None  #: the rules are unavailable: fetch nothing for this many seconds
    failures: int = 0  #: failed requests for robots.txt in a row
    reason: str | None = None  #: reason of the last failure, as in `FetchFailed.reason`
    sitemaps: tuple[str, ...] = ()
    fetch_s: float | None = None  #: seconds that this call spent on fetching robots.txt; None for a cached copy
    _parsed: Protego | None = field(default=None, repr=False, compare=False)

    def allows(self, url: str) -> bool:
        """Return True if the rules allow a URL of this origin. Check `defer_s` first."""
        return self._parsed is None or self._parsed.can_fetch(url, self.agent)


@dataclass(frozen=True, slots=True)
class CachedRobots:
    """The cached robots.txt of one origin. Times are epoch seconds."""

    text: str | None  #: None: the rules are unavailable
    fresh_until: float  #: time of the next request for robots.txt
    text_until: float  #: end of the time in which the text may replace a failed request
    failures: int = 0
    reason: str | None = None

    @classmethod
    def from_json(cls, text: str | bytes) -> CachedRobots:
        """Return the copy that `to_json` wrote. Fields that other versions wrote are ignored."""
        values = json.loads(text)
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})

    def to_json(self) -> str:
        """Return the copy as JSON."""
        return json.dumps(asdict(self))


class RobotsCache:
    """Cache of robots.txt rules. Threads may share it.

    Its methods raise `redis.RedisError` if Redis does not answer, and no error because of a host's response.
    """

    def __init__(
        self, client: redis.Redis, fetcher: Getter, settings: Settings, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._redis = client
        self._key = Keys(settings.redis_prefix).robots
        self._fetcher = fetcher
        self._settings = settings
        self._clock = clock
        self._agent = product_token(settings.fetch_user_agent)

    def rules(self, origin: str) -> RobotsRules:
        """Return the rules of `scheme://host[:port]`; fetch robots.txt unless a fresh copy is cached."""
        if not self._settings.fetch_robots:
            return RobotsRules(self._agent)
        now, cached = self._clock(), self._load(origin)
        if cached is not None and cached.fresh_until > now:
            return self._parse(cached, now)
        start = time.monotonic()
        cached = self._refresh(origin, now, cached)
        self._save(origin, cached, now)
        return replace(self._parse(cached, now), fetch_s=time.monotonic() - start)

    def unavailable(self, origin: str) -> CachedRobots | None:
        """Return the cached copy if the rules are unavailable and not due for a new request. Makes no request."""
        return self.unavailable_hosts([origin]).get(origin)

    def unavailable_hosts(self, origins: Iterable[str]) -> dict[str, CachedRobots]:
        """Return the origins whose rules are unavailable, with their cached copies, in one request to Redis."""
        wanted, now = list(dict.fromkeys(origins)), self._clock()
        values = self._redis.mget([self._key(origin) for origin in wanted]) if wanted else []
        cached = {o: CachedRobots.from_json(value) for o, value in zip(wanted, values, strict=True) if value}
        return {o: copy for o, copy in cached.items() if copy.text is None and copy.fresh_until > now}

    def forget(self, origin: str) -> None:
        """Delete the cached copy, so that the next visit fetches robots.txt."""
        self._redis.delete(self._key(origin))

    def _refresh(self, origin: str, now: float, old: CachedRobots | None) -> CachedRobots:
        try:
            text = self._fetch(origin)
        except FetchFailed as e:
            failures = old.failures + 1 if old else 1
            backoff_s = min(self._settings.fetch_retry_base_s * 2.0 ** min(failures - 1, 20), MAX_DEFER_S)
            fresh_until = now + max(e.retry_after_s or 0, backoff_s)
            if old is None or old.text_until <= now:
                return CachedRobots(None, fresh_until, now, failures, e.reason)
            return CachedRobots(old.text, fresh_until, old.text_until, failures, e.reason)
        # Longer than any delay. Otherwise every request to a slow host would be for its robots.txt.
        ttl_s = max(self._settings.fetch_robots_ttl_s, 2 * self._settings.fetch_max_delay_s)
        return CachedRobots(text, now + ttl_s, now + STALE_S)

    def _fetch(self, origin: str) -> str:
        """Return the text of robots.txt, "" if there is none. Raise `FetchFailed` if that is unknown for now."""
        url = origin + "/robots.txt"
        deadline = time.monotonic() + self._settings.fetch_total_timeout_s / 2  # a host's lease does not last longer
        for _ in range(MAX_REDIRECTS + 1):
            if time.monotonic() > deadline:
                raise FetchFailed(Reason.SLOW, f"the redirects of {origin}/robots.txt take too long")
            try:
                response = self._fetcher.get(url, accept=ACCEPT, cut_at_bytes=MAX_BYTES)
            except FetchFailed as e:
                if e.retry or not (e.reason in REFUSED or 400 <= (e.status or 0) < 500):
                    raise
                return ""
            if response.location is None:
                return _decode(response.body)
            url = response.location
        return ""

    def _parse(self, cached: CachedRobots, now: float) -> RobotsRules:
        if cached.text is None:
            defer_s = cached.fresh_until - now
            return RobotsRules(self._agent, defer_s=defer_s, failures=cached.failures, reason=cached.reason)
        is_short = len(cached.text) < MAX_MEMOIZED_CHARS
        parsed = _parse_memoized(cached.text) if is_short else Protego.parse(cached.text)
        return RobotsRules(
            self._agent,
            delay_s=self._delay_s(parsed),
            failures=cached.failures,
            reason=cached.reason,
            sitemaps=tuple(parsed.sitemaps),
            _parsed=parsed,
        )

    def _delay_s(self, parsed: Protego) -> float | None:
        rate = parsed.request_rate(self._agent)
        delays = [parsed.crawl_delay(self._agent), rate.seconds / rate.requests if rate and rate.requests else None]
        valid = [delay for delay in delays if delay is not None and delay >= 0]  # NaN is not >= 0
        return min(max(valid), self._settings.fetch_max_delay_s) if valid else None

    def _load(self, origin: str) -> CachedRobots | None:
        value = self._redis.get(self._key(origin))
        return CachedRobots.from_json(value) if value else None

    def _save(self, origin: str, cached: CachedRobots, now: float) -> None:
        expiry = max(cached.fresh_until, cached.text_until)
        ttl_s = math.ceil(expiry - now) + KEPT_AFTER_EXPIRY_S
        self._redis.set(self._key(origin), cached.to_json(), ex=ttl_s)


def parse(body: bytes, user_agent: str) -> RobotsRules:
    """Return the rules of a robots.txt file for a user agent, without a delay."""
    return RobotsRules(product_token(user_agent), _parsed=_parse_memoized(_decode(body[:MAX_BYTES])))


def _decode(body: bytes) -> str:
    return body.decode("utf-8-sig", "replace")


@lru_cache(maxsize=256)
def _parse_memoized(text: str) -> Protego:
    """Return the parsed rules. Parsing takes milliseconds, and hosts are visited often."""
    return Protego.parse(text)


def product_token(user_agent: str) -> str:
    """Return the name that robots.txt files use for us: "Copydesk" for "Copydesk/0.1 (+https://…)"."""
    return user_agent.partition("/")[0].split(maxsplit=1)[0]


def forbids_listing(header: str, user_agent: str) -> bool:
    """Return True if an X-Robots-Tag header ("noindex", "otherbot: none, nofollow") forbids us to list the page.

    A rule without a crawler's name applies to all. A name applies to its own rule and to the rules after it.
    """
    agent, applies = product_token(user_agent).lower(), True
    for part in header.lower().split(","):
        name, colon, rule = part.strip().partition(":")
        if colon and name in RULES_WITH_COLON:
            continue
        applies = name.strip() == agent if colon else applies
        if applies and (rule if colon else name).strip() in ("noindex", "none"):
            return True
    return False
