"""Fixtures of tests of both backends: a test that takes `settings` runs on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor

import pytest

from tests.support.racing import executors
from worker.config.settings import Settings


@pytest.fixture(params=["sqlite", "elastic"])
def settings(request: pytest.FixtureRequest) -> Settings:
    found: Settings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture(params=["threads", "processes"], scope="session")
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    yield from executors(request.param)
