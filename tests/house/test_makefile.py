"""Tests of the Makefile."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.support.paths import PROJECT


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_clean_keeps_ingested_data() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "clean"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["rm", "-rf", ".venv", "build", "data/demo"]
