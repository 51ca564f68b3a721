"""What a lost broker makes Celery say, and how much of it is passed on."""

from __future__ import annotations

import subprocess
import sys

from tests.support.paths import PROJECT

CODE = """
import logging, warnings
from celery.exceptions import CPendingDeprecationWarning
from worker import logs
from worker.config.settings import Settings
logs.set_up(Settings())
beat = logging.getLogger("celery.beat")
for task in ("tick", "alert", "tick"):
    try:
        raise ConnectionError(task)
    except ConnectionError as e:
        beat.error("Message Error: %s\\n%s", e, ["a stack"], exc_info=True)
beat.error("beat: something else")
warnings.warn("an essay", CPendingDeprecationWarning)
warnings.warn("something that matters")
"""


def test_a_lost_broker_is_reported_in_one_line() -> None:
    """In a process of its own, whose loggers are set up as in a worker's."""
    done = subprocess.run([sys.executable, "-c", CODE], cwd=PROJECT, capture_output=True, text=True, check=True)
    beat = [line for line in done.stderr.splitlines() if "celery.beat" in line]
    assert [line.partition("celery.beat: ")[2] for line in beat] == [
        "Cannot send tasks to the broker: tick",
        "beat: something else",
    ]
    assert "Traceback" not in done.stderr
    assert "essay" not in done.stderr
    assert "something that matters" in done.stderr
