"""Tests that certificates are verified against the name, although the socket connects to a resolved address."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.worker.conftest import loopback
from worker.errors import FetchFailed
from worker.fetching.fetcher import Fetcher

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nsafe"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def port(authority: trustme.CA) -> Iterator[int]:
    """Return the port of a TLS server for news.example on loopback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.example").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                with context.wrap_socket(listener.accept()[0], server_side=True) as sock:
                    sock.recv(65536)
                    sock.sendall(ANSWER)
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.fixture
def everything_is_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.fixture
def fetcher(authority: trustme.CA, tmp_path: Path) -> Fetcher:
    """Return a fetcher that trusts the authority of these tests."""
    fetcher = Fetcher(loopback(tmp_path))
    fetcher._session.verify = _trusting(authority, tmp_path)
    return fetcher


def _trusting(authority: trustme.CA, folder: Path) -> str:
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return str(folder / "ca.pem")


def test_right_name_is_accepted(everything_is_loopback: None, fetcher: Fetcher, port: int) -> None:
    assert fetcher.get(f"https://news.example:{port}/").body == b"safe"


def test_wrong_name_is_rejected(everything_is_loopback: None, fetcher: Fetcher, port: int) -> None:
    with pytest.raises(FetchFailed, match=r"other\.example") as caught:
        fetcher.get(f"https://other.example:{port}/")
    assert caught.value.reason == "tls"


def test_unknown_authority_is_rejected(everything_is_loopback: None, tmp_path: Path, port: int) -> None:
    with pytest.raises(FetchFailed, match="certificate verify failed") as caught:
        Fetcher(loopback(tmp_path)).get(f"https://news.example:{port}/")
    assert caught.value.reason == "tls"


@pytest.fixture
def proxy(port: int) -> Iterator[tuple[str, list[bytes]]]:
    """Return the URL of a proxy that sends every CONNECT to the TLS server, and its request lines."""
    request_lines: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            request_lines.append(client.recv(65536).partition(b"\r\n")[0])
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with client, socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=pump, args=(server, client))
                back.start()
                pump(client, server)
                back.join(5)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", request_lines
    listener.close()
    thread.join(5)


def test_certificate_is_verified_through_a_proxy(
    proxy: tuple[str, list[bytes]], authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy_url, request_lines = proxy
    fetcher = Fetcher(loopback(tmp_path, fetch_proxy_url=proxy_url, fetch_allow_private=""))
    fetcher._session.verify = _trusting(authority, tmp_path)
    real = socket.getaddrinfo
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda h, *a, **k: public if h == "news.example" else real(h, *a, **k))
    assert fetcher.get("https://news.example/").body == b"safe"
    assert [line.split()[:2] for line in request_lines] == [[b"CONNECT", b"news.example:443"]]
    fetcher.close()
