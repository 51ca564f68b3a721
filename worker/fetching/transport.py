"""The transport of requests, with our address guard and our limits below it.

urllib3 offers no hook for two needs: to choose the address that a socket connects to, and to end a response that
drips (each byte arrives in time, the whole never does). Subclasses of its connections add both where sockets are opened
and read. Pools, TLS, certificate checks and keep-alive remain urllib3's.
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
from worker.model.reasons import Reason

MAX_HEADER_BYTES = 128 * 1024


class LimitedSocketReader(io.RawIOBase):
    """Reader of one response from a socket, until a deadline and up to a number of bytes."""

    def __init__(self, sock: socket.socket, deadline: float, max_bytes: int) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._read_timeout_s = sock.gettimeout()
        self._deadline = deadline
        self._max_bytes = max_bytes
        self.received = 0
        self.in_header = True

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read into the buffer and return the number of bytes. Raise `FetchFailed` beyond a limit."""
        left_s = self._deadline - time.monotonic()
        try:
            if left_s <= 0:
                raise TimeoutError
            self._sock.settimeout(left_s if self._read_timeout_s is None else min(left_s, self._read_timeout_s))
            count = self._raw.readinto(buffer)
        except TimeoutError:
            if time.monotonic() < self._deadline:
                raise
            detail = "the response did not end in time (fetch_total_timeout_s)"
            raise FetchFailed(Reason.SLOW, detail) from None
        self.received += count or 0
        if self.received > (MAX_HEADER_BYTES if self.in_header else self._max_bytes):
            part = "header" if self.in_header else "body"
            raise FetchFailed(Reason.TOO_LARGE, f"the {part} of the response is too large")
        return count

    def close(self) -> None:
        """Close the reader, not the socket."""
        self._raw.close()
        super().close()


class LimitedResponse(http.client.HTTPResponse):
    """The standard library's response, read through a `LimitedSocketReader`."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, max_bytes: int, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.reader = LimitedSocketReader(sock, deadline, max_bytes)
        self.fp = io.BufferedReader(self.reader)

    def begin(self) -> None:
        """Read the status line and the headers."""
        super().begin()
        self.reader.in_header = False


class _LimitedConnection:
    """Mixin for urllib3's connections that limits their responses."""

    total_s: float
    max_bytes: int

    def request(self: Any, *args: Any, **kwargs: Any) -> None:
        deadline = time.monotonic() + self.total_s
        self.response_class = functools.partial(LimitedResponse, deadline=deadline, max_bytes=self.max_bytes)
        super().request(*args, **kwargs)  # type: ignore[misc]


class _GuardedConnection(_LimitedConnection):
    """Mixin that also connects only to addresses that the guard allows."""

    guard: AddressGuard

    def _new_conn(self: Any) -> socket.socket:
        try:
            sock: socket.socket = self.guard.connect(self._dns_host, self.port, self.timeout, self.socket_options or ())
            return sock
        except TimeoutError as e:
            raise ConnectTimeoutError(self, f"{self.host} did not accept the connection in time") from e
        except OSError as e:
            raise NewConnectionError(self, f"cannot connect to {self.host}: {e}") from e


class GuardedAdapter(HTTPAdapter):
    """Adapter of requests for http:// and https:// that guards and limits every request.

    `total_s` limits a response from the request to its last byte, `max_bytes` its size before decompression.

    With a proxy, the socket connects to the proxy and the proxy resolves the name. The guard then checks before each
    request the addresses that our own resolver returns. It cannot see a DNS answer that changes afterwards, so such a
    proxy must refuse private addresses as well.
    """

    def __init__(self, guard: AddressGuard, *, total_s: float, max_bytes: int, hosts: int) -> None:
        self._guard = guard
        self._limits = {"total_s": total_s, "max_bytes": max_bytes + MAX_HEADER_BYTES}
        super().__init__(pool_connections=hosts, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Build the pools of direct connections."""
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools(_GuardedConnection, guard=self._guard)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        """Return the pools of connections through a proxy."""
        known = proxy in self.proxy_manager
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        if not known:
            manager.pool_classes_by_scheme = self._pools(_LimitedConnection)
        return manager

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send a request; check its host first if a proxy will resolve it."""
        if kwargs.get("proxies"):
            parts = urlsplit(str(request.url))
            self._guard.resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        return super().send(request, *args, **kwargs)

    def _pools(self, mixin: type, **attributes: Any) -> dict[str, type[HTTPConnectionPool]]:
        """Return pool classes by scheme whose connections are urllib3's with `mixin` and our limits."""
        plain = type("Connection", (mixin, HTTPConnection), {**self._limits, **attributes})
        tls = type("TLSConnection", (mixin, HTTPSConnection), {**self._limits, **attributes})
        return {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("TLSPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }
