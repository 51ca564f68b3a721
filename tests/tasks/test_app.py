"""The Celery app reads the settings when they are first needed, and the health check does not load Celery."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.paths import PROJECT

pytestmark = pytest.mark.slow

WRONG = {**os.environ, "COPYDESK_FETCH_DELAY_S": "soon"}


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], env=WRONG, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("module", ["tasks", "tasks.app", "tasks.tasks", "tasks.worker_process", "tasks.liveness"])
def test_import_needs_no_valid_setting(module: str) -> None:
    assert _run("-c", f"import {module}").returncode == 0


@pytest.mark.parametrize(
    "command", [("tasks", "worker"), ("tasks.liveness", "add"), ("celery", "-A", "tasks", "worker")]
)
def test_commands_name_the_wrong_setting(command: tuple[str, ...]) -> None:
    done = _run("-m", *command)
    assert (done.returncode, "COPYDESK_FETCH_DELAY_S" in done.stderr) == (2, True), done
    assert "Traceback" not in done.stderr


def test_health_check_does_not_load_celery() -> None:
    done = _run("-c", "import sys, tasks.liveness; print('celery' in sys.modules)")
    assert done.stdout.strip() == "False", done
