"""`copydesk demo` and `make demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import COPYDESK
from tests.support.paths import PROJECT

PORT = 28765  #: of the first sample publisher; a demo on this machine may use the default port


def _env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}


def _check_first_run(printed: str) -> None:
    assert "URLs queued, fetched, extracted and finished" in printed
    assert "indexed" in printed and "robots" in printed and "http-404" in printed
    assert "photographer: Dana Whitlock" in printed
    assert "HARROWGATE" in printed
    assert "No differences." in printed
    assert " finished + 0 queued; " in printed


def test_demo_ingests_articles_and_finds_nothing_new_in_a_second_run(tmp_path: Path) -> None:
    command = [COPYDESK, "demo", "--keep", str(tmp_path), "--port", str(PORT)]
    first, second = (
        subprocess.run(
            command, env=_env(), cwd=tmp_path, capture_output=True, text=True, timeout=100, check=True
        ).stdout
        for _ in range(2)
    )
    _check_first_run(first)
    assert "Nothing new: " in second
    assert "No differences." in second


@pytest.mark.install
@pytest.mark.timeout(600)
def test_make_demo_works_in_a_fresh_clone(tmp_path: Path) -> None:
    if not (PROJECT / ".git").exists():
        pytest.skip("not a git checkout, which could be cloned")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
    command = ["make", "demo", f"PYTHON={sys.executable}", f"ARGS=--port {PORT + 10}"]
    done = subprocess.run(command, cwd=clone, env=_env(), capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    _check_first_run(done.stdout)
    assert (clone / "data" / "demo").is_dir()
