"""The desk that a command works at."""

from __future__ import annotations

from worker.desk.parts import Desk
from worker.settings import load
from worker.wiring import connect


def open_desk() -> Desk:
    """Connected by the user's settings. A store that does not answer is one clear line."""
    return connect(load())
