from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.web import Web, serve
from worker.config.settings import Settings
from worker.fetching.fetcher import Fetcher


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server on loopback without a page yet."""
    web = Web()
    end = serve(web)
    yield web
    end()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return loopback(tmp_path)


def loopback(folder: Path, **more: Any) -> Settings:
    """Settings that allow loopback, with short times."""
    values = {
        "data_dir": folder,
        "fetch_allow_private": "127.0.0.0/8",
        "fetch_user_agent": "Testbot/1 (+https://t.example)",
    }
    return Settings.model_validate(values | more)


@pytest.fixture
def fetcher(settings: Settings) -> Iterator[Fetcher]:
    fetcher = Fetcher(settings)
    yield fetcher
    fetcher.close()
