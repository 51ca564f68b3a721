"""copydesk sources import, on lists that are wrong in parts or as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

URL = 'url = "https://news.example/feed"'


def _list(tmp_path: Path, text: str) -> str:
    (tmp_path / "list.toml").write_text(text)
    return str(tmp_path / "list.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source]]\nurl = 5", "url = 5 is no text"),
        (f"[[source]]\n{URL}\nevery = 5", "every = 5 is no text"),
        (f"[[source]]\n{URL}\nname = 5", "name = 5 is no text"),
        (f"[[source]]\n{URL}\nkind = 5", "kind = 5 is no text"),
        (f'[[source]]\n{URL}\nkind = "blog"', "kind = 'blog' is none of feed, sitemap, section"),
        (f'[[source]]\n{URL}\npaused = "no"', "paused = 'no' is no true or false"),
        (f'[[source]]\n{URL}\ncolour = "red"', "colour is unknown"),
        ('[[source]]\nname = "wire"', "names no url"),
        ("source = 5", "source is no list"),
        ('source = ["https://news.example/feed"]', "names no url"),
        ("[[source]", "at line 1"),
    ],
)
def test_a_list_that_is_wrong(copydesk: Command, tmp_path: Path, text: str, said: str) -> None:
    ended = copydesk("sources", "import", _list(tmp_path, text))
    assert (ended.code, ended.explains("list.toml", said, "[[source]] with url")) == (2, True), ended


def test_one_that_is_wrong_does_not_keep_out_the_others(copydesk: Command, tmp_path: Path) -> None:
    text = f'[[source]]\nurl = "http://["\n[[source]]\n{URL}\nkind = "feed"\n'
    ended = copydesk("sources", "import", _list(tmp_path, text))
    assert ended.code == 1
    assert ended.err.splitlines()[0].startswith("http://[: 'http://[' is not a web address")
    assert "news.example: added" in ended.err
    assert "news.example" in copydesk("sources", "list").out
