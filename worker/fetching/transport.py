"""requests' transport with our guard and our bounds below it.

Two things cannot be had from outside urllib3: a say in which address a socket connects to, and an end to an answer
that drips (each byte comes in time, the whole never). Both are put where sockets are opened and read, by subclassing
its connections; pools, TLS, names in certificates and keep-alive stay urllib3's.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.poolmanager import PoolManager, ProxyManager

from worker.errors import FetchFailed
from worker.fetching.ssrf_guard import AddressGuard

MAX_HEADER_BYTES = 128 * 1024


class Wire(io.RawIOBase):
    """What a socket receives for one answer, until a deadline and up to a number of bytes."""

    def __init__(self, sock: socket.socket, deadline: float, most_bytes: int) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._pause_s = sock.gettimeout()
        self._deadline = deadline
        self._most = most_bytes
        self.received = 0
        self.in_header = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left if self._pause_s is None else min(left, self._pause_s))
            count = self._raw.readinto(buffer)
        except TimeoutError:
            if time.monotonic() < self._deadline:
                raise
            raise FetchFailed("slow", "the answer did not end in time (fetch_total_timeout_s)", retry=True) from None
        self.received += count or 0
        if self.received > (MAX_HEADER_BYTES if self.in_header else self._most):
            what = "header" if self.in_header else "body"
            raise FetchFailed("too-large", f"the answer's {what} is larger than is read", rejected=True)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class Answer(http.client.HTTPResponse):
    """The standard library's response, read through a `Wire`."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, most_bytes: int, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.wire = Wire(sock, deadline, most_bytes)
        self.fp = io.BufferedReader(self.wire)

    def begin(self) -> None:
        super().begin()
        self.wire.in_header = False


class _Bounded:
    """Bounds the answers of a connection; mixed into urllib3's."""

    total_s: float
    most_bytes: int

    def request(self: Any, *args: Any, **kwargs: Any) -> None:
        deadline = time.monotonic() + self.total_s
        self.response_class = functools.partial(Answer, deadline=deadline, most_bytes=self.most_bytes)
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Guarded(_Bounded):
    """Connects to judged addresses only."""

    guard: AddressGuard

    def _new_conn(self: Any) -> socket.socket:
        try:
            sock: socket.socket = self.guard.connect(self._dns_host, self.port, self.timeout, self.socket_options or ())
            return sock
        except TimeoutError as e:
            raise ConnectTimeoutError(self, f"{self.host} did not take the connection in time") from e
        except OSError as e:
            raise NewConnectionError(self, f"cannot connect to {self.host}: {e}") from e


class GuardedAdapter(HTTPAdapter):
    """Mount it for http:// and https://. `total_s` bounds an answer from the request to the last byte, `most_bytes`
    what is received for it (before decompression).

    With a proxy, the socket leads to the proxy and the proxy resolves the name: then the guard judges what our own
    resolver says before each request. That cannot see DNS change its answer, so such a proxy must guard as well.
    """

    def __init__(self, guard: AddressGuard, *, total_s: float, most_bytes: int, hosts: int) -> None:
        self._guard = guard
        self._bounds = {"total_s": total_s, "most_bytes": most_bytes + MAX_HEADER_BYTES}
        super().__init__(pool_connections=hosts, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools(_Guarded, guard=self._guard)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        known = proxy in self.proxy_manager
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        if not known:
            manager.pool_classes_by_scheme = self._pools(_Bounded)
        return manager

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        if kwargs.get("proxies"):
            parts = urlsplit(str(request.url))
            self._guard.resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        return super().send(request, *args, **kwargs)

    def _pools(self, mixin: type, **more: Any) -> dict[str, type[HTTPConnectionPool]]:
        """Pool classes by scheme whose connections are urllib3's with `mixin` and our bounds."""
        plain = type("Connection", (mixin, HTTPConnection), {**self._bounds, **more})
        tls = type("TLSConnection", (mixin, HTTPSConnection), {**self._bounds, **more})
        return {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("TLSPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }
