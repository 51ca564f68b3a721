"""Fixtures for tests of the worker: a web server on loopback, settings that allow it, and a fetcher."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.web import Web, serve
from worker.config.settings import Settings
from worker.fetching.fetcher import Fetcher


@pytest.fixture
def web() -> Iterator[Web]:
    """Return a web server on loopback that has no pages yet."""
    web = Web()
    stop = serve(web)
    yield web
    stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings that allow requests to loopback."""
    return loopback(tmp_path)


def loopback(folder: Path, **more: Any) -> Settings:
    """Return settings that allow requests to loopback."""
    values = {
        "data_dir": folder,
        "fetch_allow_private": "127.0.0.0/8",
        "fetch_user_agent": "Testbot/1 (+https://t.example)",
    }
    return Settings.model_validate(values | more)


@pytest.fixture
def fetcher(settings: Settings) -> Iterator[Fetcher]:
    """Return a fetcher that may send requests to loopback."""
    fetcher = Fetcher(settings)
    yield fetcher
    fetcher.close()
