"""Tests of single requests against a real server on loopback."""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from pathlib import Path

import pytest

from tests.support.servers.web import Handler, Request, Web
from tests.worker.conftest import loopback
from worker.config.settings import Settings
from worker.errors import FetchFailed
from worker.fetching.fetcher import Fetcher

PAGE = b"<html><p>The bridge is open again.</p></html>" * 20


def failure(fetcher: Fetcher, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetcher.get(url)
    return caught.value


def test_page_is_fetched(web: Web, fetcher: Fetcher) -> None:
    url = web.answer("/a", PAGE, Content_Type="text/html; charset=utf-8", ETag='"1"')
    got = fetcher.get(url)
    assert (got.status, got.body, got.url, got.location) == (200, PAGE, url, None)
    assert got.content_type == "text/html; charset=utf-8"
    assert got.headers["etag"] == '"1"'
    assert got.sent_bytes == len(PAGE)
    assert 0 < got.elapsed_s < 5
    assert got.fetched_at.tzinfo is not None


def test_request_names_the_crawler(web: Web, fetcher: Fetcher) -> None:
    fetcher.get(web.answer("/a", PAGE))
    headers = web.requests[0].headers
    assert headers["user-agent"] == "Testbot/1 (+https://t.example)"
    assert "gzip" in headers["accept-encoding"]


def test_connection_is_kept_alive(web: Web, fetcher: Fetcher) -> None:
    web.answer("/redirect", b"moved", "302 Found", Location="/a")
    web.answer("/error", b"sorry", "503 Service Unavailable")
    web.answer("/a", PAGE)
    for path in ("/a", "/redirect", "/a"):
        fetcher.get(web.url(path))
    failure(fetcher, web.url("/error"))
    fetcher.get(web.url("/a"))
    assert web.connections == 1


def test_cookies_are_not_kept(web: Web, fetcher: Fetcher) -> None:
    url = web.answer("/a", PAGE, Set_Cookie="id=7; Path=/")
    fetcher.get(url)
    fetcher.get(url)
    assert "cookie" not in web.requests[1].headers


def test_proxies_of_the_environment_are_not_used(web: Web, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert Fetcher(settings).get(web.answer("/a", PAGE)).body == PAGE


@pytest.mark.parametrize(
    ("location", "target"),
    [("/b", "{origin}/b"), ("b?c=1", "{origin}/x/b?c=1"), ("https://other.example/ü", "https://other.example/%C3%BC")],
)
def test_redirect_is_not_followed(web: Web, fetcher: Fetcher, location: str, target: str) -> None:
    web.paths["/x/a"] = lambda r: r.send(
        f"HTTP/1.1 301 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    )
    got = fetcher.get(web.url("/x/a"))
    assert (got.status, got.location, got.body) == (301, target.format(origin=web.origin), b"")
    assert len(web.requests) == 1


def test_conditional_get(web: Web, fetcher: Fetcher) -> None:
    url = web.answer("/a", b"", "304 Not Modified", ETag='"1"')
    got = fetcher.get(url, etag='"1"', last_modified="Mon, 23 Nov 2026 10:00:00 GMT")
    assert (got.status, got.body) == (304, b"")
    assert web.requests[0].headers["if-none-match"] == '"1"'
    assert web.requests[0].headers["if-modified-since"] == "Mon, 23 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "retry"),
    [
        (400, False),
        (403, False),
        (404, False),
        (410, False),
        (429, True),
        (500, True),
        (503, True),
        (300, False),
        (999, True),
    ],
)
def test_other_statuses_fail(web: Web, fetcher: Fetcher, status: int, retry: bool) -> None:
    error = failure(fetcher, web.answer("/a", b"x", f"{status} So"))
    assert (error.reason, error.status, error.retry, error.rejected) == (f"http-{status}", status, retry, False)


def test_retry_after(web: Web, fetcher: Fetcher) -> None:
    assert failure(fetcher, web.answer("/a", b"", "503 Busy", Retry_After="7")).retry_after_s == 7


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_body_is_decoded(web: Web, fetcher: Fetcher, encoding: str) -> None:
    body = gzip.compress(PAGE) if encoding == "gzip" else zlib.compress(PAGE)
    got = fetcher.get(web.answer("/a", body, Content_Encoding=encoding))
    assert (got.body, got.sent_bytes) == (PAGE, len(body))


def test_wrong_content_encoding_fails(web: Web, fetcher: Fetcher) -> None:
    assert failure(fetcher, web.answer("/a", PAGE, Content_Encoding="gzip")).reason == "bad-encoding"


def test_content_length_above_the_limit_is_rejected(web: Web, tmp_path: Path) -> None:
    fetcher = Fetcher(loopback(tmp_path, fetch_max_body_bytes=1000))
    web.paths["/a"] = lambda r: r.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
    error = failure(fetcher, web.url("/a"))
    assert (error.reason, error.rejected) == ("too-large", True)


def endless(head: bytes, part: bytes) -> Handler:
    def send(request: Request) -> None:
        request.send(b"HTTP/1.1 200 OK\r\n" + head)
        while True:
            request.send(part)

    return send


@pytest.mark.parametrize("head", [b"\r\n", b"X: y\r\n", b"X: "], ids=["body", "headers", "header"])
def test_endless_response_is_ended(web: Web, tmp_path: Path, head: bytes) -> None:
    fetcher = Fetcher(loopback(tmp_path, fetch_max_body_bytes=100_000, fetch_total_timeout_s=30))
    web.paths["/a"] = endless(head, b"X: yyyyyyyy\r\n" if head.startswith(b"X: y") else b"y" * 1000)
    start = time.monotonic()
    error = failure(fetcher, web.url("/a"))
    assert error.reason in ("too-large", "connection")
    assert time.monotonic() - start < 20


def test_gzip_bomb_is_rejected(web: Web, fetcher: Fetcher) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    error = failure(fetcher, web.answer("/a", bomb, Content_Encoding="gzip"))
    assert (error.reason, error.rejected) == ("too-large", True)


def test_body_is_cut_at_the_given_length(web: Web, fetcher: Fetcher) -> None:
    got = fetcher.get(web.answer("/a", PAGE), cut_at_bytes=10)
    assert got.body == PAGE[:10]


def drip(head: bytes) -> Handler:
    def send(request: Request) -> None:
        request.send(head)
        for _ in range(200):
            request.send(b"y")
            time.sleep(0.05)

    return send


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"HT"])
def test_dripping_response_times_out(web: Web, tmp_path: Path, head: bytes) -> None:
    """Each byte arrives in time, the whole response never does."""
    fetcher = Fetcher(loopback(tmp_path, fetch_total_timeout_s=0.5))
    web.paths["/a"] = drip(head)
    start = time.monotonic()
    error = failure(fetcher, web.url("/a"))
    assert (error.reason, error.retry) == ("slow", True)
    assert time.monotonic() - start < 10


def test_silent_host_times_out(web: Web, tmp_path: Path) -> None:
    fetcher = Fetcher(loopback(tmp_path, fetch_read_timeout_s=0.2))
    web.paths["/a"] = lambda r: time.sleep(3)
    assert failure(fetcher, web.url("/a")).reason == "timeout"

    def stop_in_the_body(request: Request) -> None:
        request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1")
        time.sleep(3)

    web.paths["/b"] = stop_in_the_body
    assert failure(fetcher, web.url("/b")).reason == "timeout"


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", b"nonsense\r\n\r\n"])
def test_broken_connection_is_retried(web: Web, fetcher: Fetcher, sent: bytes) -> None:
    def reset(request: Request) -> None:
        request.send(sent)
        request.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.sock.shutdown(socket.SHUT_RDWR)

    web.paths["/a"] = reset
    error = failure(fetcher, web.url("/a"))
    assert (error.reason, error.retry) == ("connection", True)


def test_refused_connection_is_retried(fetcher: Fetcher) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = failure(fetcher, f"http://127.0.0.1:{free.getsockname()[1]}/")
    assert (error.reason, error.retry) == ("connection", True)


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/passwd", "http://", "http://[::1/", "no url", "http://a b/"]
)
def test_invalid_url_is_rejected(fetcher: Fetcher, url: str) -> None:
    error = failure(fetcher, url)
    assert (error.reason, error.rejected) == ("bad-url", True)
