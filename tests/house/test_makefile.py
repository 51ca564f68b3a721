"""What `make` deletes."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.support.paths import PROJECT


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
def test_cleaning_keeps_what_users_ingested() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "clean"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["rm", "-rf", ".venv", "data/demo"]
