"""Tests of the pool of reader processes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any, cast

import pytest

from tests.worker.services.conftest import page
from worker import extraction
from worker.errors import Unavailable
from worker.model.catalog import HostBlocks
from worker.model.records import Page
from worker.services.context import utc_now
from worker.services.digest.read_page import ReadResult, ReadTask
from worker.services.digest.reader_pool import ReaderPool

pytestmark = pytest.mark.slow


class ExitOnUnpickling:
    """An object that ends the process that receives it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


@dataclass(frozen=True)
class EndlessHints(extraction.Hints):
    """Hints with which reading never ends."""

    def __post_init__(self) -> None:
        while self.fetched_at:
            time.sleep(0.01)


def task(n: int, hints: object) -> ReadTask:
    url, body = f"https://news.example/{n}", page(f"Story {n}").encode()
    found = Page(id=str(n), crawl=1, url=url, content_type="text/html", status=200, fetched_at=utc_now(), body=body)
    blocks = HostBlocks(host="https://news.example")
    return ReadTask(page=found, host_blocks=blocks, hints=cast(extraction.Hints, hints))


def _headline_or_reason(result: ReadResult) -> str | None:
    return result.article.headline if result.article else result.reason


def test_a_page_that_takes_too_long_does_not_affect_the_others() -> None:
    with ReaderPool(1, page_s=8) as readers:
        results = readers.read([task(0, extraction.Hints()), task(1, EndlessHints())])
    assert [_headline_or_reason(r) for r in results] == ["Story 0", "breaks-reader"]


def test_a_page_that_ends_its_process_does_not_affect_the_others() -> None:
    tasks = [task(0, extraction.Hints()), task(1, ExitOnUnpickling()), task(2, extraction.Hints())]
    with ReaderPool(1) as readers:
        results = readers.read(tasks)
        assert [_headline_or_reason(r) for r in results] == ["Story 0", "breaks-reader", "Story 2"]
        with pytest.raises(Unavailable, match="ended at once"):
            readers.read([task(0, ExitOnUnpickling()), task(1, ExitOnUnpickling())])
