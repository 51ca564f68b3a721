"""Of several stories on a page, the one with the page's headline is read."""

from __future__ import annotations

import pytest

from worker import extraction
from worker.extraction.boilerplate.other_stories import find_other_stories
from worker.extraction.html.blocks import split
from worker.extraction.html.tree import parse

FIRST = ["The mill by the weir has been sold to a baker from the coast for a sum that neither side would name."] * 3
SECOND = ["A ferry that had lain in the harbour since spring left for the islands on Monday with forty passengers."] * 3


def _story(headline: str, paragraphs: list[str], tag: str = "article", extra: str = "", level: str = "h1") -> str:
    body = "".join(f"<p>{text} {n}.</p>" for n, text in enumerate(paragraphs))
    return f'<{tag} class="story"><header><{level}>{headline}</{level}>{extra}</header><div>{body}</div></{tag}>'


def _page(html: str) -> bytes:
    return f"<html><head><title>Old mill is sold</title></head><body>{html}</body></html>".encode()


def _kept(html: str) -> str:
    return extraction.read(_page(html), "https://a.example/n/1").article_body


@pytest.mark.parametrize(
    "second",
    [
        _story("Ferry leaves again", SECOND),
        _story("Ferry leaves again", SECOND, "div", "<p>By Ida Marsh</p>").replace("<div class", "<div data-x class"),
        f'<div class="next">{_story("Ferry leaves again", SECOND)}</div>',
        _story("<a href='/n/2'>Ferry leaves again</a>", SECOND, level="h2"),
    ],
)
def test_stories_below_the_first_one_are_dropped(second: str) -> None:
    tag = "div" if second.startswith("<div data-x") else "article"
    first = _story("Old mill is sold", FIRST, tag, "<p>By Hester Quill</p>")
    body = _kept(f"<main>{first}{second}</main>")
    assert "baker from the coast" in body
    assert "ferry" not in body.casefold()


def test_the_page_headline_decides_which_story_is_read() -> None:
    body = _kept(f"<main>{_story('Ferry leaves again', SECOND)}{_story('Old mill is sold', FIRST)}</main>")
    assert "baker" in body
    assert "ferry" not in body.casefold()


@pytest.mark.parametrize(
    "html",
    [
        f"<h1>Old mill is sold</h1>{_story('What the buyer says', FIRST, 'section', level='h2')}"
        f"{_story('What the town says', SECOND, 'section', level='h2')}",
        f"<article><h1>Old mill is sold</h1><p>{FIRST[0]}</p><h1>How it came about</h1><p>{SECOND[0]}</p></article>",
        f"<div class='row'><h1>Old mill is sold</h1></div><div class='row'><p>{FIRST[0]}</p>"
        f"<h2><a href='/n/2'>Ferry leaves again</a></h2><p>{SECOND[0]}</p></div>",
    ],
)
def test_sections_of_one_story_stay(html: str) -> None:
    assert not find_other_stories(split(parse(html, "")), "Old mill is sold")
