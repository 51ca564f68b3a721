"""`copydesk run`: refused settings, waiting for the broker, and its messages."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from api.supervisor.stack import exclusive_data_folder
from tests.api.cli.conftest import COPYDESK, Command
from tests.support.servers.processes import wait_until
from tests.support.servers.redis_server import RedisServer
from worker.config.loading import load
from worker.wiring import open_redis


def test_unavailable_index_is_explained_in_one_line(process: Command) -> None:
    ended = process("run", COPYDESK_INDEX_URL="http://127.0.0.1:9", COPYDESK_API_PORT="0")
    assert (ended.code, ended.explains("Connection refused", "COPYDESK_INDEX_URL")) == (1, True), ended
    assert len(ended.err.splitlines()) == 1, ended.err


def test_public_api_without_keys_is_refused_before_anything_starts(process: Command, tmp_path: Path) -> None:
    ended = process("run", COPYDESK_API_HOST="0.0.0.0", COPYDESK_API_PORT="0")
    assert (ended.code, ended.explains("COPYDESK_API_HOST", "COPYDESK_API_KEYS")) == (2, True), ended
    assert len(ended.err.splitlines()) == 1, ended.err
    assert not (tmp_path / "data" / "broker").exists()


def test_second_run_in_the_same_folder_is_refused_before_its_port_is_checked(process: Command, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        exclusive_data_folder(load({"COPYDESK_DATA_DIR": str(folder)})),
    ):
        port = str(server.getsockname()[1])
        ended = process("run", COPYDESK_DATA_DIR=str(folder), COPYDESK_API_PORT=port)
    assert (ended.code, ended.explains("already runs", str(folder))) == (2, True), ended


def test_run_waits_for_the_broker(valkey: RedisServer, tmp_path: Path) -> None:
    """The working folder has modules with the names of ours, and the data folder is relative to it."""
    for name in ("tasks", "api"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('not ours')", "utf-8")
    link, log = tmp_path / "s", tmp_path / "log"
    env = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    env |= {"COPYDESK_API_PORT": "0", "COPYDESK_REDIS_URL": f"redis+socket://{link}", "COPYDESK_DIGEST_PROCESSES": "1"}
    with valkey.client() as client:
        client.flushall()
    with log.open("wb") as file:
        running = subprocess.Popen([COPYDESK, "run"], env=env, cwd=tmp_path, stdout=file, stderr=file)
    try:
        wait_until(lambda: "does not answer" in log.read_text("utf-8"), 30)
        time.sleep(0.5)
        assert len(log.read_text("utf-8").splitlines()) == 1, log.read_text("utf-8")
        link.symlink_to(valkey.socket)
        wait_until(lambda: "Copydesk is running" in log.read_text("utf-8"), 30)
        with open_redis(load(env)) as client:
            wait_until(lambda: bool(client.get("copydesk:alive:fetch")), 30)
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0, log.read_text("utf-8")
    printed = log.read_text("utf-8")
    assert "not ours" not in printed
    assert "Warning" not in printed, printed
    assert (tmp_path / "data" / "copydesk.db").exists()
    banner = printed.split("Copydesk is running")[1].splitlines()
    assert banner[4].startswith("  search  http://127.0.0.1:")
