"""`copydesk read`: the article of a file in each format."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from tests.api.cli.conftest import Command
from tests.support.pages.article_pages import BODY, TITLE

PAGE = (
    f"<html lang=en><head><title>{TITLE} | Larkin Ledger</title></head><body><main><article><h1>{TITLE}</h1>"
    f"{BODY}<p>The <a href=/latch>latch</a> was new, said the owner of the petting farm on Tuesday, and it held.</p>"
    "</article></main></body></html>"
)


@pytest.fixture
def read(copydesk: Command, tmp_path: Path) -> Command:
    """Return the command for a page in a file."""
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    return partial(copydesk, "read", str(path), "--url", "https://www.larkin.example/a")


def test_formats(read: Command) -> None:
    text, html, markdown = (read("--format", f).out for f in ("text", "html", "markdown"))
    assert text.startswith(f"{TITLE}\n\n") and "\n\nThe animal, which is called Biscuit" in text
    assert html.startswith("<!doctype html>") and '<a href="https://www.larkin.example/latch">latch</a>' in html
    assert markdown.startswith(f"# {TITLE}\n\n") and "[latch](https://www.larkin.example/latch)" in markdown


def test_json_has_all_fields(read: Command) -> None:
    found = json.loads(read("--format", "json").out)
    assert found == json.loads(read("--json").out)
    assert found["article_html"].startswith("<p>FORT ANSLEY")


def test_two_formats_are_refused(read: Command) -> None:
    answer = read("--json", "--format", "text")
    assert answer.code == 2
    assert "exclude each other" in answer.err


def test_page_without_an_article_says_so(copydesk: Command, tmp_path: Path) -> None:
    path = tmp_path / "missing.html"
    path.write_text("<html><head><title>Page not found</title></head><body><h1>404: page not found</h1></body></html>")
    answer = copydesk("read", str(path), "--format", "text")
    assert "is not an article" in answer.err
