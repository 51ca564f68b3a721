"""What the choice of the body drops although the model keeps it."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import PARAGRAPHS, TITLE, URL
from worker import extraction

STORY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)


@pytest.mark.parametrize("shown", [TITLE, TITLE.upper(), f" {TITLE} "])
@pytest.mark.parametrize("tag", ["h2", "h3", "p", "div", "strong"])
def test_headline_is_no_paragraph(tag: str, shown: str) -> None:
    page = f"<title>{TITLE}</title><meta property='og:title' content='{TITLE}'><div><{tag}>{shown}</{tag}>{STORY}</div>"
    assert extraction.read(page.encode(), URL).article_body == "\n".join(PARAGRAPHS)


def test_paragraph_that_quotes_the_headline_is_kept() -> None:
    quote = f"{TITLE}, said the sign that somebody had put up at the gate in the morning before anybody was awake."
    page = f"<title>{TITLE}</title><h1>{TITLE}</h1><div>{STORY}<p>{quote}</p></div>"
    assert quote in extraction.read(page.encode(), URL).article_body
