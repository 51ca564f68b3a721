"""Tests of the delays between requests and of the waits before retries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.worker.conftest import loopback
from worker.fetching.politeness import delay_s, parse_retry_after, retry_wait_s
from worker.fetching.robots import RobotsRules, forbids_listing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "robots_delay_s", "elapsed_s", "expected"),
    [
        ("https://a.example", None, 0.1, 1.0),
        ("https://a.example", None, 3.0, 6.0),
        ("https://a.example", None, 50.0, 60.0),
        ("https://a.example", 5.0, 9.0, 5.0),
        ("https://a.example", 0.0, 9.0, 0.0),
        ("https://a.example", 500.0, 0.1, 60.0),
        ("https://fast.example:8443", 5.0, 9.0, 0.2),
        ("https://www.fast.example", None, 0.1, 0.2),
        ("https://slow.www.fast.example", None, 0.1, 100.0),
        ("https://notfast.example", None, 0.1, 1.0),
    ],
)
def test_delay(tmp_path: Path, host: str, robots_delay_s: float | None, elapsed_s: float, expected: float) -> None:
    settings = loopback(tmp_path, fetch_host_delays="Fast.example=0.2, slow.www.fast.example=100")
    assert delay_s(settings, host, RobotsRules("bot", delay_s=robots_delay_s), elapsed_s) == expected


def test_retry_waits_double_and_vary(tmp_path: Path) -> None:
    settings = loopback(tmp_path, fetch_retry_base_s=30)
    assert [retry_wait_s(settings, n, jitter=1) for n in range(3)] == [30, 60, 120]
    assert retry_wait_s(settings, 0, jitter=0) == 15
    assert len({retry_wait_s(settings, 0) for _ in range(20)}) > 10


def test_retry_after_is_the_shortest_wait(tmp_path: Path) -> None:
    settings = loopback(tmp_path, fetch_retry_base_s=30)
    assert all(retry_wait_s(settings, 0, retry_after_s=100) >= 100 for _ in range(20))
    assert retry_wait_s(settings, 0, retry_after_s=0, jitter=0) == 15


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999999999", 86_400),
        ("Tue, 24 Nov 2026 12:01:00 GMT", 60),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("Tue, 24 Nov 2099 11:00:00 GMT", 86_400),
        ("Tue, 24 Nov 2026 13:00:30 +0100", 30),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Mon, 24 Nov 99999999999999999999", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_parse_retry_after(value: str | None, expected: float | None) -> None:
    assert parse_retry_after(value, NOW) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("noindex", True),
        ("NOINDEX, nofollow", True),
        ("none", True),
        ("nofollow", False),
        ("testbot: noindex", True),
        ("otherbot: noindex", False),
        ("otherbot: nofollow, noindex", False),
        ("otherbot: noindex, testbot: noindex", True),
        ("unavailable_after: 25 Jun 2027 15:00:00 PST, noindex", True),
        ("max-snippet: 20, noindex", True),
    ],
)
def test_x_robots_tag_forbids_listing(header: str, expected: bool) -> None:
    assert forbids_listing(header, "Testbot/1 (+https://t.example)") is expected
