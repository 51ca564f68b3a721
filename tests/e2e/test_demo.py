"""The demo, as a newcomer runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import COPYDESK
from tests.support.paths import PROJECT

PORTS = 28765  # of the sample publishers, apart from those of a demo that somebody runs by hand


def _env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}


def _check_first(said: str) -> None:
    assert "addresses queued, fetched, read and finished" in said
    assert "indexed" in said and "robots" in said and "http-404" in said
    assert "photographer: Dana Whitlock" in said
    assert "HARROWGATE" in said
    assert "Everything fits." in said
    assert " finished + 0 queued; " in said


def test_the_demo_does_the_main_job_and_finds_nothing_new_the_second_time(tmp_path: Path) -> None:
    command = [COPYDESK, "demo", "--keep", str(tmp_path), "--port", str(PORTS)]
    first, second = (
        subprocess.run(
            command, env=_env(), cwd=tmp_path, capture_output=True, text=True, timeout=100, check=True
        ).stdout
        for _ in range(2)
    )
    _check_first(first)
    assert "Nothing new: " in second
    assert "Everything fits." in second


@pytest.mark.install
@pytest.mark.timeout(600)
def test_a_fresh_clone_needs_nothing_but_make_demo(tmp_path: Path) -> None:
    if not (PROJECT / ".git").exists():
        pytest.skip("this is no git checkout, so it cannot be cloned")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
    command = ["make", "demo", f"PYTHON={sys.executable}", f"ARGS=--port {PORTS + 10}"]
    done = subprocess.run(command, cwd=clone, env=_env(), capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    _check_first(done.stdout)
    assert (clone / "data" / "demo").is_dir()
