"""Tests of robots.txt rules from a real server, cached in a real Redis and Valkey."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from tests.support.servers.web import Web
from tests.worker.conftest import loopback
from worker.config.settings import Settings
from worker.fetching.fetcher import Fetcher
from worker.fetching.robots import RobotsCache, product_token

TEXT = b"User-agent: *\nDisallow: /private/\nAllow: /private/open\nCrawl-delay: 2\nSitemap: https://a.example/s.xml\n"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def robots(redis_client: redis.Redis, fetcher: Fetcher, settings: Settings, clock: Clock) -> RobotsCache:
    return RobotsCache(redis_client, fetcher, settings, clock=clock)


def test_rules_are_parsed(web: Web, robots: RobotsCache) -> None:
    web.answer("/robots.txt", TEXT)
    rules = robots.rules(web.origin)
    assert rules.allows(web.url("/a"))
    assert not rules.allows(web.url("/private/b"))
    assert rules.allows(web.url("/private/open"))
    assert (rules.delay_s, rules.defer_s, rules.sitemaps) == (2.0, None, ("https://a.example/s.xml",))


def test_group_with_our_name_takes_precedence(web: Web, robots: RobotsCache) -> None:
    web.answer("/robots.txt", b"User-agent: testbot\nDisallow: /no\n\nUser-agent: *\nDisallow: /\n")
    rules = robots.rules(web.origin)
    assert rules.allows(web.url("/a"))
    assert not rules.allows(web.url("/no"))


@pytest.mark.parametrize("status", ["404 Not Found", "401 Unauthorized", "403 Forbidden", "410 Gone", "400 Bad"])
def test_4xx_allows_everything(web: Web, robots: RobotsCache, status: str) -> None:
    web.answer("/robots.txt", b"User-agent: *\nDisallow: /\n", status)
    rules = robots.rules(web.origin)
    assert rules.allows(web.url("/a"))
    assert rules.defer_s is None


@pytest.mark.parametrize(("status", "defer_s"), [("500 Oh", 30), ("503 Busy", 900), ("429 Slow", 900)])
def test_5xx_and_429_defer(web: Web, robots: RobotsCache, clock: Clock, status: str, defer_s: float) -> None:
    web.answer("/robots.txt", b"", status, **({"Retry_After": "900"} if defer_s == 900 else {}))
    assert robots.rules(web.origin).defer_s == defer_s
    clock.now += 10
    assert robots.rules(web.origin).defer_s == defer_s - 10
    assert len(web.requests) == 1
    clock.now += defer_s
    web.answer("/robots.txt", TEXT)
    assert robots.rules(web.origin).defer_s is None


@pytest.mark.parametrize(
    ("headers", "reason"),
    [({"Content_Type": "image/png"}, "not-a-page"), ({"Content_Encoding": "gzip"}, "bad-encoding")],
)
def test_response_that_is_not_text_defers(web: Web, robots: RobotsCache, headers: dict[str, str], reason: str) -> None:
    web.answer("/robots.txt", TEXT, **headers)
    rules = robots.rules(web.origin)
    assert (rules.defer_s, rules.reason) == (30, reason)


def test_no_response_defers(robots: RobotsCache) -> None:
    rules = robots.rules("http://127.0.0.1:9")
    assert (rules.defer_s, rules.failures, rules.reason) == (30, 1, "connection")


def test_failures_in_a_row_double_the_wait(web: Web, robots: RobotsCache, clock: Clock) -> None:
    web.answer("/robots.txt", b"", "500 Oh")
    waits = []
    for n in range(10):
        rules = robots.rules(web.origin)
        assert (rules.failures, rules.reason) == (n + 1, "http-500")
        assert rules.defer_s
        waits.append(rules.defer_s)
        clock.now += rules.defer_s
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    web.answer("/robots.txt", TEXT)
    assert robots.rules(web.origin).failures == 0


def test_cached_copy_expires(web: Web, robots: RobotsCache, settings: Settings, clock: Clock) -> None:
    web.answer("/robots.txt", TEXT)
    robots.rules(web.origin)
    clock.now += settings.fetch_robots_ttl_s - 1
    assert robots.rules(web.origin).delay_s == 2
    assert len(web.requests) == 1
    clock.now += 1
    robots.rules(web.origin)
    assert len(web.requests) == 2


def test_stale_copy_applies_for_a_week(web: Web, robots: RobotsCache, clock: Clock) -> None:
    web.answer("/robots.txt", TEXT)
    robots.rules(web.origin)
    web.answer("/robots.txt", b"", "500 Oh")
    for _ in range(6):
        clock.now += 86_400
        rules = robots.rules(web.origin)
        assert rules.defer_s is None
        assert not rules.allows(web.url("/private/b"))
    clock.now += 86_400
    assert robots.rules(web.origin).defer_s


def test_redirects_are_followed(web: Web, robots: RobotsCache) -> None:
    for n in range(5):
        web.answer(f"/{n}" if n else "/robots.txt", b"", "302 Found", Location=f"/{n + 1}")
    web.answer("/5", TEXT)
    assert robots.rules(web.origin).delay_s == 2
    assert len(web.requests) == 6


@pytest.mark.parametrize("location", ["/robots.txt", "http://10.0.0.1/robots.txt", "ftp://a.example/"])
def test_invalid_redirect_allows_everything(web: Web, robots: RobotsCache, location: str) -> None:
    web.answer("/robots.txt", b"", "302 Found", Location=location)
    assert robots.rules(web.origin).allows(web.url("/a"))
    assert len(web.requests) <= 6


def test_first_500_kib_are_read(web: Web, robots: RobotsCache) -> None:
    filler = b"#" * 99 + b"\n"
    web.answer("/robots.txt", b"User-agent: *\nDisallow: /a\n" + filler * 5200 + b"Disallow: /b\n")
    rules = robots.rules(web.origin)
    assert not rules.allows(web.url("/a"))
    assert rules.allows(web.url("/b"))


@pytest.mark.parametrize(
    ("lines", "delay_s"),
    [
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 9999", 60),
        ("Crawl-delay: soon", None),
        ("Crawl-delay: -1", None),
        ("Crawl-delay: nan", None),
        ("Request-rate: 1/10s", 10),
        ("Crawl-delay: 1\nRequest-rate: 2/10s", 5),
    ],
)
def test_delays(web: Web, robots: RobotsCache, lines: str, delay_s: float | None) -> None:
    web.answer("/robots.txt", f"User-agent: *\n{lines}\n".encode())
    assert robots.rules(web.origin).delay_s == delay_s


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe\x00", b"<html><h1>Welcome</h1></html>", b"Disallow: /\n", b"User-agent"]
)
def test_invalid_file_allows_everything(web: Web, robots: RobotsCache, text: bytes) -> None:
    web.answer("/robots.txt", text)
    assert robots.rules(web.origin).allows(web.url("/a"))


def test_byte_order_mark_is_ignored(web: Web, robots: RobotsCache) -> None:
    web.answer("/robots.txt", b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n")
    assert not robots.rules(web.origin).allows(web.url("/a"))


def test_fetch_robots_false_allows_everything(
    web: Web, redis_client: redis.Redis, fetcher: Fetcher, tmp_path: Path
) -> None:
    web.answer("/robots.txt", b"User-agent: *\nDisallow: /\n")
    rules = RobotsCache(redis_client, fetcher, loopback(tmp_path, fetch_robots=False)).rules(web.origin)
    assert rules.allows(web.url("/a"))
    assert web.requests == []


def test_product_token() -> None:
    assert product_token("Copydesk/0.1 (+https://copydesk.example)") == "Copydesk"
    assert product_token("News Bot") == "News"


def test_unavailable_hosts_are_those_without_rules(web: Web, robots: RobotsCache, clock: Clock) -> None:
    closed = "http://127.0.0.1:9"
    web.answer("/robots.txt", TEXT)
    for origin in (web.origin, closed):
        robots.rules(origin)
    assert list(robots.unavailable_hosts([web.origin, closed, "https://unknown.example"])) == [closed]
    assert robots.unavailable_hosts([]) == {}
    clock.now += 30
    assert robots.unavailable(closed) is None
