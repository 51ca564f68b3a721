"""The outline: which lists, tables and quotes are structure, and which only arrange the page."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import URL
from worker.extraction.article_html.outline import Outline
from worker.extraction.html import blocks
from worker.extraction.html.tree import parse


def paths(body: str) -> dict[str, list[str]]:
    """Return the tags around each block by its text."""
    found = blocks.split(parse(f"<body>{body}", URL))
    outline = Outline(found)
    return {b.text: [step.tag for step in outline.path(b.container)] for b in found}


PATHS = {
    "h1 becomes h2": ("<h1>a</h1>", {"a": ["h2"]}),
    "no structure in a heading": ("<h2><ul><li>a</li></ul></h2>", {"a": ["h2"]}),
    "section and div": ("<section><div>a</div></section>", {"a": []}),
    "list in a quote": (
        "<blockquote><ul><li>a</li></ul></blockquote><p>b</p><p>c</p>",
        {"a": ["blockquote", "ul", "li"], "b": [], "c": []},
    ),
    "cell without a row": ("<div><td>a</td></div>", {"a": []}),
    "table in a table": (
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td><table><tr><td>d</td></tr></table></td></tr></table>",
        {"a": [], "b": [], "c": [], "d": []},
    ),
    "table of one column": ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", {"a": [], "b": []}),
    "short story in a quote": ("<blockquote>a</blockquote>", {"a": ["blockquote"]}),
}


@pytest.mark.parametrize(("body", "wanted"), PATHS.values(), ids=PATHS.keys())
def test_path(body: str, wanted: dict[str, list[str]]) -> None:
    assert paths(body) == wanted
