"""`copydesk sources import` with wrong lists, and `copydesk sources show`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.api.cli.conftest import Command
from worker.config.settings import Settings
from worker.model.catalog import Source, SourceKind
from worker.wiring import connect

URL = 'url = "https://news.example/feed"'


def _list(tmp_path: Path, text: str) -> str:
    (tmp_path / "list.toml").write_text(text)
    return str(tmp_path / "list.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[source]]\nurl = 5", "url = 5 is not text"),
        (f"[[source]]\n{URL}\nevery = 5", "every = 5 is not text"),
        (f"[[source]]\n{URL}\nname = 5", "name = 5 is not text"),
        (f"[[source]]\n{URL}\nkind = 5", "kind = 5 is not text"),
        (f'[[source]]\n{URL}\nkind = "blog"', "kind = 'blog' is not one of feed, sitemap, section"),
        (f'[[source]]\n{URL}\npaused = "no"', "paused = 'no' is not true or false"),
        (f'[[source]]\n{URL}\ncolour = "red"', "unknown key: colour"),
        ('[[source]]\nname = "wire"', "has no url"),
        ("source = 5", "source is not a list"),
        ('source = ["https://news.example/feed"]', "has no url"),
        ("[[source]", "at line 1"),
    ],
)
def test_wrong_list_is_explained(copydesk: Command, tmp_path: Path, text: str, message: str) -> None:
    ended = copydesk("sources", "import", _list(tmp_path, text))
    assert (ended.code, ended.explains("list.toml", message, "[[source]] with url")) == (2, True), ended


def test_one_wrong_source_does_not_stop_the_others(copydesk: Command, tmp_path: Path) -> None:
    text = f'[[source]]\nurl = "http://["\n[[source]]\n{URL}\nkind = "feed"\n'
    ended = copydesk("sources", "import", _list(tmp_path, text))
    assert ended.code == 1
    assert ended.err.splitlines()[0].startswith("http://[: 'http://[' is not a web URL")
    assert "news.example: added" in ended.err
    assert "news.example" in copydesk("sources", "list").out


AT = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
FAILED = {"visits": 2, "failures": 3, "failed": "http-503", "last_at": AT.timestamp(), "listed": 20}


def test_facts_of_a_source(copydesk: Command, tmp_path: Path) -> None:
    sources = connect(Settings(data_dir=tmp_path / "data")).catalog.sources
    url = "https://news.example/feed"
    sources.add(Source(name="wire", url=url, kind=SourceKind.FEED, schedule="1h", created_at=AT, history=FAILED))
    shown = dict(line.split(None, 1) for line in copydesk("sources", "show", "wire").out.splitlines())
    assert shown["health"].strip() == "failing: http-503, 3 visits in a row"
    assert {"None", "False"}.isdisjoint(" ".join(shown.values()).split())
    assert copydesk("sources", "show", "wire").out.count("2026-11-24 07:05 UTC") == 2
    assert json.loads(copydesk("sources", "show", "wire", "--json").out)["etag_unreliable"] is False


def test_list_without_sources_is_refused(copydesk: Command, tmp_path: Path) -> None:
    file = tmp_path / "list.toml"
    file.write_text('[[sources]]\nurl = "https://news.example/feed"\n')
    ended = copydesk("sources", "import", str(file))
    assert (ended.code, ended.explains("unknown key: sources", "[[source]]")) == (2, True), ended
