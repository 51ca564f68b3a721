"""Tests of the wheel: it installs beside other packages and works in a folder that has nothing of the checkout."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

DEMO_PORT = 28775  #: first of the three ports of the demo's publishers, not used by other tests
OURS = {"worker", "tasks", "api", "sample"}
#: Modules of somebody else that have the names of ours, or of folders in the checkout.
NEIGHBOURS = ("tests", "config")
SHADOWS = ("tasks", "worker", "api", "sample", "config")
ARTICLE = PROJECT / "sample/harbour-post/www/news/2026/03/03/swing-bridge-inspection/index.html"

pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True)
class Installation:
    """A virtual environment with the wheel, and an empty folder to work in."""

    environment: Path
    folder: Path

    def run(self, *command: str, timeout_s: float = 100) -> str:
        """Return what a command prints. Fail if it does not end with 0."""
        done = subprocess.run(
            [str(self.environment / "bin" / command[0]), *command[1:]],
            cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=timeout_s, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def environ(self) -> dict[str, str]:
        """The variables of this process, without those that name the checkout or settings."""
        removed = ("COPYDESK_", "PYTHON", "VIRTUAL_ENV")
        return {name: value for name, value in os.environ.items() if not name.startswith(removed)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(PROJECT)], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Make a temporary folder with a short path: the path of the broker's socket has at most 100 bytes."""
    with tempfile.TemporaryDirectory(prefix="copydesk-") as folder:
        yield Path(folder)


@pytest.fixture
def installation(wheel: Path, short_path: Path) -> Installation:
    """Install the wheel beside packages of the same names; borrow our dependencies from this environment."""
    environment, folder = short_path / "environment", short_path / "folder"
    site_packages = _make_environment(environment)
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name in NEIGHBOURS:
        (site_packages / name).mkdir()
        (site_packages / name / "__init__.py").write_text("OWNER = 'a neighbour'\n")
    _pip(environment, "install", "--no-deps", str(wheel))
    folder.mkdir()
    for name in SHADOWS:
        (folder / f"{name}.py").write_text("raise ImportError('a module of the current folder')\n")
    return Installation(environment, folder)


def test_wheel_has_our_packages_and_no_others(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == OURS


def test_wheel_has_every_file_of_our_packages(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *sorted(OURS)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    with zipfile.ZipFile(wheel) as archive:
        missing = {name for name in listed.stdout.splitlines() if (PROJECT / name).exists()} - set(archive.namelist())
    assert missing == set()


def test_wheel_works_in_an_empty_folder(installation: Installation) -> None:
    assert installation.run("copydesk", "--version").startswith("copydesk ")
    assert "swing bridge" in installation.run("copydesk", "read", str(ARTICLE))
    assert "No differences." in installation.run("copydesk", "demo", "--port", str(DEMO_PORT))
    _check_run(installation)
    owners = "import tests, config; print(tests.OWNER, config.OWNER, sep=', ')"
    assert installation.run("python", "-P", "-c", owners) == "a neighbour, a neighbour\n"


def test_user_tables_extend_the_installed_ones(installation: Installation) -> None:
    tables = installation.folder / "config" / "tables"
    tables.mkdir(parents=True)
    (tables.parent / "copydesk.toml").touch()
    (tables / "links.toml").write_text('non_article = ["cartoons"]\n')
    table = "read_table('worker.discovery', 'links.toml')['non_article']"
    code = f"from worker.package_data import read_table; print('cartoons' in {table})"
    assert installation.run("python", "-P", "-c", code) == "True\n"


@pytest.mark.timeout(600)
@pytest.mark.install
def test_wheel_needs_only_the_locked_packages(wheel: Path, short_path: Path) -> None:
    _make_environment(short_path / "environment")
    lock = str(PROJECT / "requirements.lock")
    _pip(short_path / "environment", "install", "--require-hashes", "--requirement", lock)
    _pip(short_path / "environment", "install", "--no-deps", str(wheel))
    (short_path / "folder").mkdir()
    installed = Installation(short_path / "environment", short_path / "folder")
    assert "swing bridge" in installed.run("copydesk", "read", str(ARTICLE))
    assert "No differences." in installed.run("copydesk", "demo", "--port", str(DEMO_PORT))


def _make_environment(folder: Path) -> Path:
    """Make a virtual environment without pip. Return its site-packages."""
    venv.create(folder)
    return next(folder.glob("lib/python*/site-packages"))


def _pip(environment: Path, *arguments: str) -> None:
    python = str(environment / "bin" / "python")
    options = ["--python", python, "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", *options, *arguments], check=True)


def _check_run(installation: Installation) -> None:
    """Start `copydesk run`, wait until its API is ready, and end it as Ctrl-C does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = installation.folder / "run.log"
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [str(installation.environment / "bin" / "copydesk"), "run"],
            cwd=installation.folder, env={**installation.environ, "COPYDESK_API_PORT": str(port)},
            stdout=lines, stderr=lines,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not _is_ready(port):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, log.read_text("utf-8")


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
