"""`copydesk failures`: filters by host and reason, and the width of its table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.text import Text

from api.cli.output.console import output
from tests.api.cli.conftest import Command
from worker import urls
from worker.config.settings import Settings
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome
from worker.wiring import set_up_stores

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
URL = "http://news.example:8080/2026/11/24/a-long-url-of-an-article-about-a-bridge-that-was-closed-for-two-weeks.html"


@pytest.fixture(autouse=True)
def failed_row(tmp_path: Path) -> None:
    """One failed row in the ledger."""
    ledger = set_up_stores(Settings(data_dir=tmp_path / "data")).ledger
    target = urls.target(URL)
    ledger.admit([target], NOW)
    detail = "the host answered 503 Service Unavailable four times in a row, the last time after 31 seconds"
    ledger.finish(
        [
            CrawlResult(
                id=target.id,
                crawl=1,
                outcome=Outcome.FAILED,
                finished_at=NOW,
                reason=Reason.http(503),
                detail=detail,
            )
        ]
    )


@pytest.mark.parametrize("host", ["news.example", "news.example:8080", "http://news.example:8080"])
def test_host_filter_accepts_name_port_and_origin(copydesk: Command, host: str) -> None:
    assert URL in copydesk("failures", "list", "--host", host).out


@pytest.mark.parametrize("words", [("--host", "news.example:80"), ("--reason", "dns")])
def test_filters_without_matches_find_nothing(copydesk: Command, words: tuple[str, str]) -> None:
    assert copydesk("failures", "list", *words).out == "No failure matches.\n"
    assert copydesk("failures", "drop", *words).err == "No failure matches.\n"


@pytest.mark.parametrize("words", [("failures", "list"), ("show", URL)])
def test_urls_are_not_wrapped_outside_a_terminal(
    copydesk: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (line,) = (line for line in copydesk(*words).out.splitlines() if "news.example" in line)
    assert URL in line


def test_terminal_folds_long_lines_without_truncating_them(copydesk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(output, "_force_terminal", True)
    out = Text.from_ansi(copydesk("show", URL).out).plain
    assert max(map(len, out.splitlines())) == 80
    assert URL in "".join(line[12:].strip() for line in out.splitlines())
