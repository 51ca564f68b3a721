"""Tests of attacks, one for each. docs/fetching.md lists the same names, and the last test compares both.

Addresses outside loopback are tried with a replaced resolver and a replaced connection, so that nothing would be sent
if the guard failed.
"""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

from tests.support.paths import PROJECT
from tests.support.servers.web import Handler, Request, Web
from tests.worker.conftest import loopback
from worker.errors import FetchFailed
from worker.fetching.fetcher import Fetcher

DOCS = PROJECT / "docs" / "fetching.md"
SIZE = 64_000_000
PLAIN = bytes(SIZE)


def failure(fetcher: Fetcher, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetcher.get(url)
    return caught.value


# -- the target of a URL

ADDRESSES = {
    "loopback by address": "http://127.0.0.1/",
    "loopback by name": "http://localhost/",
    "IPv4 as one number": "http://2130706433/",
    "IPv4 in octal": "http://0177.0.0.1/",
    "IPv4 in hexadecimal": "http://0x7f.0.0.1/",
    "IPv4 with omitted parts": "http://127.1/",
    "IPv4 in Unicode digits": "http://①②⑦.⓪.⓪.①/",
    "IPv6 loopback": "http://[::1]/",
    "IPv4 in IPv6": "http://[::ffff:127.0.0.1]/",
    "IPv4 in IPv6, compatible": "http://[::7f00:1]/",
    "NAT64": "http://[64:ff9b::7f00:1]/",
    "6to4": "http://[2002:7f00:1::]/",
    "unspecified address": "http://0.0.0.0/",
    "private network": "http://10.0.0.1/",
    "cloud metadata": "http://169.254.169.254/latest/meta-data/",
    "cloud metadata over IPv6": "http://[fd00:ec2::254]/",
    "carrier-grade NAT": "http://100.100.100.200/",
    "multicast": "http://224.0.0.1/",
}


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda _, to: pytest.fail(f"connected to {to}"))


@pytest.mark.parametrize("url", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_addresses(no_connection: None, tmp_path: Path, url: str) -> None:
    error = failure(Fetcher(loopback(tmp_path, fetch_allow_private="")), url)
    assert error.rejected or error.reason == "dns"  # some resolvers reject a spelling
    assert error.reason in ("blocked-address", "dns")


URLS = {
    "file URL": "file:///etc/passwd",
    "other schemes": "gopher://127.0.0.1:6379/_FLUSHALL",
    "password in the URL": "http://admin:secret@127.0.0.1/",
    "host after @": "http://news.example@127.0.0.1/",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS.keys())
def test_urls(no_connection: None, fetcher: Fetcher, url: str) -> None:
    error = failure(fetcher, url)
    assert (error.reason, error.rejected) == ("bad-url", True)
    assert "secret" not in error.detail


class Dns:
    """A resolver that returns these answers in turn. Connections are recorded, and refused except on loopback."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self.answers = list(answers)
        self.connected: list[str] = []
        real = socket.socket.connect

        def connect(sock: socket.socket, to: Any) -> None:
            self.connected.append(to[0])
            if not to[0].startswith("127."):
                raise ConnectionRefusedError("only loopback is connected to")
            real(sock, to)

        monkeypatch.setattr(socket, "getaddrinfo", self.resolve)
        monkeypatch.setattr(socket.socket, "connect", connect)

    def resolve(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in a], socket.SOCK_STREAM, 6, "", (a, port)) for a in answer.split()]


def test_name_of_a_private_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dns = Dns(monkeypatch, "10.0.0.1 fd00::1 ::ffff:192.168.0.1")
    error = failure(Fetcher(loopback(tmp_path)), "http://intranet.example/")
    assert (error.reason, dns.connected) == ("blocked-address", [])


def test_name_with_good_and_bad_addresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dns = Dns(monkeypatch, "10.0.0.1 8.8.8.8")
    assert failure(Fetcher(loopback(tmp_path)), "http://mixed.example/").reason == "connection"
    assert dns.connected == ["8.8.8.8"]


def test_dns_rebinding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """DNS changes its answer after the first; the name is resolved only once."""
    dns = Dns(monkeypatch, "8.8.8.8", "10.0.0.1")
    assert failure(Fetcher(loopback(tmp_path)), "http://rebind.example/").reason == "connection"
    assert dns.connected == ["8.8.8.8"]


def test_other_ports_of_public_hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dns = Dns(monkeypatch, "8.8.8.8")
    error = failure(Fetcher(loopback(tmp_path)), "http://public.example:6379/")
    assert (error.reason, error.rejected, dns.connected) == ("blocked-port", True, [])


def test_redirect_to_a_private_address(web: Web, monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher) -> None:
    url = web.answer("/a", b"", "302 Found", Location="http://metadata.example/latest/")
    got = fetcher.get(url)
    dns = Dns(monkeypatch, "169.254.169.254")
    error = failure(fetcher, str(got.location))
    assert (error.reason, dns.connected) == ("blocked-address", [])


def test_redirect_to_a_file(web: Web, fetcher: Fetcher) -> None:
    got = fetcher.get(web.answer("/a", b"", "302 Found", Location="file:///etc/passwd"))
    assert failure(fetcher, str(got.location)).reason == "bad-url"


def test_proxy_of_the_environment(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, web.origin)
    assert failure(Fetcher(loopback(tmp_path)), "http://10.0.0.1/").reason == "blocked-address"
    assert web.requests == []


def test_private_address_through_a_proxy(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web.answer("http://public.example/a", b"by proxy")
    fetcher = Fetcher(loopback(tmp_path, fetch_proxy_url=web.origin, fetch_allow_private=""))
    Dns(monkeypatch, "8.8.8.8", "127.0.0.1", "10.0.0.1")
    assert fetcher.get("http://public.example/a").body == b"by proxy"
    assert failure(fetcher, "http://intranet.example/").reason == "blocked-address"
    assert len(web.requests) == 1


def test_line_breaks_in_a_url(web: Web, fetcher: Fetcher) -> None:
    web.answer("/aX-Evil:%20yes", b"ok")
    assert fetcher.get(web.url("/a\r\nX-Evil: yes")).body == b"ok"
    assert "x-evil" not in web.requests[0].headers


def test_line_breaks_in_a_validator(web: Web, fetcher: Fetcher) -> None:
    url = web.answer("/a", b"ok")
    with pytest.raises(FetchFailed, match="invalid request"):
        fetcher.get(url, etag='"1"\r\nX-Evil: yes')


# -- the response of a host


def bomb(encoding: str) -> bytes:
    match encoding:
        case "gzip":
            return gzip.compress(PLAIN, 9)
        case "gzip, gzip":
            return gzip.compress(gzip.compress(PLAIN, 9), 9)
        case "deflate":
            return zlib.compress(PLAIN, 9)
        case "br":
            compressed: bytes = brotli.compress(PLAIN, quality=5)
            return compressed
        case _:
            return zstandard.compress(PLAIN)


BOMBS = ("gzip", "gzip, gzip", "deflate", "br", "zstd")


@pytest.mark.parametrize("encoding", BOMBS)
def test_bombs(web: Web, fetcher: Fetcher, encoding: str) -> None:
    body = bomb(encoding)
    assert len(body) < SIZE / 900
    error = failure(fetcher, web.answer("/a", body, Content_Encoding=encoding))
    assert (error.reason, error.rejected) == ("too-large", True)


def test_many_layers_of_compression(web: Web, fetcher: Fetcher) -> None:
    body = b"x"
    for _ in range(20):
        body = gzip.compress(body)
    error = failure(fetcher, web.answer("/a", body, Content_Encoding=", ".join(["gzip"] * 20)))
    assert error.reason == "bad-encoding"


def test_endless_empty_gzip_members(web: Web, tmp_path: Path) -> None:
    fetcher = Fetcher(loopback(tmp_path, fetch_max_body_bytes=100_000, fetch_total_timeout_s=30))
    web.paths["/a"] = endless(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 100)
    assert failure(fetcher, web.url("/a")).reason == "too-large"


def endless(head: bytes, part: bytes, pause_s: float = 0) -> Handler:
    def send(request: Request) -> None:
        request.send(head)
        end = time.monotonic() + 40
        while time.monotonic() < end:
            request.send(part)
            time.sleep(pause_s)

    return send


OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS = {
    "endless body": (OK + b"\r\n", b"y" * 1000),
    "endless chunked body": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"y" * 1000 + b"\r\n"),
    "endless chunk header": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"y" * 1000),
    "endless trailers": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: " + b"y" * 1000 + b"\r\n"),
    "endless headers": (OK, b"X: " + b"y" * 1000 + b"\r\n"),
    "endless header line": (OK + b"X: ", b"y" * 1000),
    "endless status line": (b"HTTP/1.1 200 ", b"y" * 1000),
    "endless interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
}


@pytest.mark.parametrize("sent", ENDLESS.values(), ids=ENDLESS.keys())
def test_endless(web: Web, tmp_path: Path, sent: tuple[bytes, bytes]) -> None:
    fetcher = Fetcher(loopback(tmp_path, fetch_max_body_bytes=100_000, fetch_total_timeout_s=30))
    web.paths["/a"] = endless(*sent)
    start = time.monotonic()
    error = failure(fetcher, web.url("/a"))
    assert error.reason in ("too-large", "connection")
    assert time.monotonic() - start < 20


DRIPS = {
    "dripping status line": b"HTT",
    "dripping header": OK + b"X: ",
    "dripping body": OK + b"Content-Length: 900\r\n\r\n",
    "dripping chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n",
}


@pytest.mark.parametrize("head", DRIPS.values(), ids=DRIPS.keys())
def test_drips(web: Web, tmp_path: Path, head: bytes) -> None:
    """Each byte arrives in time, the whole response never does."""
    fetcher = Fetcher(loopback(tmp_path, fetch_total_timeout_s=0.4))
    web.paths["/a"] = endless(head, b"1\r\ny\r\n" if b"chunked" in head else b"y", 0.05)
    start = time.monotonic()
    error = failure(fetcher, web.url("/a"))
    assert (error.reason, error.retry) == ("slow", True)
    assert time.monotonic() - start < 10


def test_two_content_lengths(web: Web, fetcher: Fetcher) -> None:
    web.paths["/a"] = lambda r: r.send(OK + b"Content-Length: 1\r\nContent-Length: 5\r\n\r\nhello")
    assert failure(fetcher, web.url("/a")).reason in ("connection", "bad-url")


def test_video_instead_of_a_page(web: Web, fetcher: Fetcher) -> None:
    web.paths["/a"] = endless(OK + b"Content-Type: video/mp4\r\n\r\n", b"y" * 1000)
    error = failure(fetcher, web.url("/a"))
    assert (error.reason, error.rejected) == ("not-a-page", True)


# -- the documentation

TABLES = ("addresses", "urls", "bombs", "endless", "drips", "documentation_lists_all_attacks")


def test_documentation_lists_all_attacks() -> None:
    """Each attack is a row of the table, and each row is a test."""
    single = {n.removeprefix("test_") for n in globals() if n.startswith("test_")} - set(TABLES)
    tried = {
        *ADDRESSES,
        *URLS,
        *ENDLESS,
        *DRIPS,
        *(f"bomb: {e}" for e in BOMBS),
        *(n.replace("_", " ") for n in single),
    }
    table = DOCS.read_text("utf-8").partition("## Tested attacks")[2].partition("\n## ")[0]
    listed = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]
    assert sorted(listed[1:]) == sorted(tried)
