"""Errors of every command: an exit code (2 for the user's mistake, 1 for the rest), one message, no traceback."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.supervisor.stack import exclusive_data_folder
from sample.server import serve
from tests.api.cli.conftest import Command
from worker.config.settings import Settings
from worker.errors import BadInput

URL = "https://news.example/article"
MISTAKES: list[tuple[tuple[str, ...], str]] = [
    (("add",), "no URLs given"),
    (("add", "--file", "nowhere.txt"), "cannot read nowhere.txt"),
    (("add", "--file", "."), "cannot read ."),
    (("add", URL, "--timeout", "5"), "--wait"),
    (("crawl", URL, "--timeout", "0"), "--wait"),
    (("search", "flood", "--filter", "nonsense"), "nonsense"),
    (("search", "flood", "--josn"), "Unknown option: --josn"),
    (("search", "--siez=5", "flood"), "Unknown option: --siez"),
    (("searches", "add", "Floods", "flood", "--webhok=x"), "Unknown option: --webhok"),
    (("failures", "drop"), "--all"),
    (("failures", "drop", "--rejected", "--limit", "5"), "--all"),
    (("search", "flood", "--facet", "shoes"), "shoes"),
    (("search", "flood", "--since", "yesterday"), "yesterday"),
    (("sources", "add", "http://["), "is not a web URL"),
    (("sources", "add", "ftp://news.example/feed"), "is not a web URL"),
    (("sources", "add", "https://news.example/" + "a" * 9000), "8,000 are allowed"),
    (("sources", "add", URL, "--kind", "feed", "--every", "sometimes"), "sometimes"),
    (("sources", "discover", "http://["), "is not a web URL"),
    (("sources", "import", "nowhere.toml"), "Cannot read nowhere.toml"),
    (("sources", "show", "none"), "none"),
    (("sources", "pause", "none"), "none"),
    (("sources", "remove", "none"), "none"),
    (("crawl", "http://["), "is not a web URL"),
    (("crawl", "none"), "Unknown source: 'none'"),
    (("import", "nowhere.warc"), "cannot read nowhere.warc"),
    (("import", "."), "cannot read .: Is a directory"),
    (("read", "nowhere.html"), "cannot read nowhere.html"),
    (("explain", "nowhere.html"), "cannot read nowhere.html"),
    (("keys", "create", "me", "--scope", "all"), "Choose from: read, add, admin"),
    (("keys", "revoke", "none"), "Unknown key: 'none'"),
    (("keys", "create", "me", "--days", "0"), "more than 0"),
    (("keys", "create", "me", "--days", "1e9"), "at most 36,500"),
    (("keys", "create", "me", "--days", "inf"), "at most 36,500"),
    (("keys", "create", "me", "--days", "nan"), "at most 36,500"),
    (("restore", "nowhere.db"), "nowhere.db does not exist"),
    (("searches", "remove", "none"), "none"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[" ".join(words)[:50] for words, _ in MISTAKES])
def test_mistake_is_explained_with_exit_code_2(
    copydesk: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = copydesk(*words)
    assert (ended.code, ended.explains(message)) == (2, True), ended


def test_refused_url_does_not_stop_the_others(copydesk: Command) -> None:
    ended = copydesk("add", "http://[", URL)
    assert ended.code == 2
    assert "refused: 'http://[' is not a web URL" in ended.err
    assert "1 created, 1 refused" in ended.err or "1 refused, 1 created" in ended.err


@pytest.mark.parametrize("words", [("demo", "--port", "99999"), ("keys", "create", "me", "--rate", "0"), ("nothing",)])
def test_option_out_of_range_is_explained(copydesk: Command, words: tuple[str, ...]) -> None:
    ended = copydesk(*words)
    assert ended.code == 2
    assert "Traceback" not in ended.err and "Error" in ended.err


NEEDS_A_BROKER = [("status",), ("crawl", URL), ("sources", "add", URL), ("sources", "discover", URL)]


@pytest.mark.parametrize("words", NEEDS_A_BROKER, ids=" ".join)
@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:9/0"])
def test_missing_broker_is_explained(copydesk: Command, words: tuple[str, ...], url: str) -> None:
    ended = copydesk(*words, COPYDESK_REDIS_URL=url)
    assert ended.code == 1
    assert ended.explains("the broker does not answer", "`copydesk run`", "COPYDESK_REDIS_URL"), ended


SETTINGS = [
    ("CONFIG", "/tmp"),
    ("REDIS_URL", "redis://h:notaport"),
    ("RECRAWL_AFTER_S", "nan,-5"),
    ("INDEX_URL", "http://["),
    ("FETCH_DELAY_S", "inf"),
    ("SOURCE_SCHEDULE", "hourly"),
]


@pytest.mark.parametrize(("key", "value"), SETTINGS, ids=[f"{key}={value}" for key, value in SETTINGS])
def test_wrong_setting_is_explained(copydesk: Command, key: str, value: str) -> None:
    ended = copydesk("status", **{f"COPYDESK_{key}": value})
    assert ended.code == 2
    assert ended.explains(f"COPYDESK_{key}"), ended


WRONG = [("FETCH_DELAY_S", "abc"), ("SOURCE_SCHEDULE", "hourly")]


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_wrong_setting_ends_a_process_with_2(process: Command, key: str, value: str) -> None:
    """A process imports all modules; importing them must not read the settings."""
    ended = process("run", **{"COPYDESK_API_PORT": "0", f"COPYDESK_{key}": value})
    assert (ended.code, ended.explains(f"COPYDESK_{key}")) == (2, True), ended


@pytest.fixture(params=["a file", "below a file", "in /proc"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a data folder that not even root can create or write to."""
    file = tmp_path / "file"
    file.touch()
    return {"a file": str(file), "below a file": str(file / "data"), "in /proc": "/proc/copydesk"}[request.param]


def test_unusable_data_folder_is_explained(copydesk: Command, process: Command, unusable: str) -> None:
    found = copydesk("doctor", COPYDESK_DATA_DIR=unusable)
    assert found.code == 1
    assert "fail COPYDESK_DATA_DIR: cannot use the folder" in found.out
    ended = copydesk("add", URL, COPYDESK_DATA_DIR=unusable)
    assert (ended.code, ended.explains("COPYDESK_DATA_DIR")) == (2, True), ended
    ended = process("run", COPYDESK_DATA_DIR=unusable, COPYDESK_API_PORT="0")
    assert (ended.code, ended.explains("COPYDESK_DATA_DIR", unusable)) == (2, True), ended


def test_unwritable_lock_file_is_explained(process: Command, tmp_path: Path) -> None:
    (tmp_path / "data" / "run.lock").mkdir(parents=True)
    ended = process("run", COPYDESK_DATA_DIR=str(tmp_path / "data"), COPYDESK_API_PORT="0")
    assert (ended.code, ended.explains("run.lock", "COPYDESK_DATA_DIR")) == (2, True), ended


def test_lock_file_of_another_user_is_explained() -> None:
    with tempfile.TemporaryDirectory() as name:  # other users cannot enter tmp_path
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "run.lock").touch(0o000)
        with as_nobody(), pytest.raises(BadInput, match=r"run\.lock .*another user.*COPYDESK_DATA_DIR"):
            exclusive_data_folder(Settings(data_dir=folder)).__enter__()


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Run the block without root's rights. Other users keep their own."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_search_needs_no_data_folder(copydesk: Command, unusable: str, tmp_path: Path) -> None:
    elsewhere = {"COPYDESK_DATA_DIR": unusable, "COPYDESK_INDEX_URL": f"sqlite:///{tmp_path}/elsewhere.db"}
    assert copydesk("index", "setup", **elsewhere).code == 0
    assert copydesk("search", "flood", **elsewhere).code == 0


def test_missing_source_list_creates_no_store(copydesk: Command, tmp_path: Path) -> None:
    ended = copydesk("sources", "import", str(tmp_path / "none.toml"), COPYDESK_DATA_DIR=str(tmp_path / "empty"))
    assert (ended.code, ended.explains("Cannot read", "none.toml")) == (2, True), ended
    assert not (tmp_path / "empty").exists()


def test_backup_without_a_store_is_explained(copydesk: Command, tmp_path: Path) -> None:
    ended = copydesk("backup", str(tmp_path / "copy.db"), COPYDESK_DATA_DIR=str(tmp_path / "empty"))
    assert (ended.code, ended.explains("nothing to back up")) == (2, True), ended


def test_demo_in_a_file_is_explained(process: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = process("demo", "--keep", str(tmp_path / "file"), "--port", str(_three_free_ports()))
    assert (ended.code, ended.explains("it is a file")) == (2, True), ended
    assert "ports" not in ended.err


def test_demo_with_used_ports_is_explained(process: Command, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = min(server.getsockname()[1], 65533)
        ended = process("demo", "--keep", str(tmp_path / "demo"), "--port", str(port))
    assert (ended.code, ended.explains("--port", os.strerror(errno.EADDRINUSE))) == (2, True), ended


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "a" * 80])
def test_host_of_another_machine_is_explained(process: Command, host: str) -> None:
    ended = process("run", COPYDESK_API_HOST=host, COPYDESK_API_PORT="0")
    assert (ended.code, ended.explains("COPYDESK_API_HOST", host)) == (2, True), ended
    assert "COPYDESK_API_PORT" not in ended.err


def test_used_port_is_explained(process: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ended = process("run", COPYDESK_API_PORT=port)
    assert (ended.code, ended.explains("COPYDESK_API_PORT", port)) == (2, True), ended


def test_rebuild_on_sqlite_keeps_no_old_generation(copydesk: Command) -> None:
    ended = copydesk("index", "rebuild")
    assert ended.code == 0
    assert ": 0 articles" in ended.out
    assert "index drop" not in ended.out


def _three_free_ports() -> int:
    """Return the first of three free ports in a row."""
    for first in range(20_000 + os.getpid() % 10_000, 60_000, 3):
        with contextlib.suppress(OSError), serve(first):
            return first
    raise AssertionError("no three free ports in a row")
