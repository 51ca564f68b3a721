"""Text that a browser does not show."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import PARAGRAPHS
from worker.extraction.html.blocks import split
from worker.extraction.html.tree import parse

STORY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
REST = "".join(f"<p>{n} more words follow here. {p}</p>" for n, p in enumerate(PARAGRAPHS * 3))

NOT_SHOWN = {
    "a story that a script has too": f"<div hidden>{REST}<p>seen</p></div><script>{REST}</script>",
    "hidden attribute": "<p hidden>unseen</p>",
    "hidden until found": '<p hidden="until-found">unseen</p>',
    "display": '<p style="color:red; display : none">unseen</p>',
    "visibility": '<div style="visibility:hidden"><p>unseen</p></div>',
    "in a sentence": '<p>A goat <span style="display:none">unseen</span> slept.</p>',
    "hint for screen readers": '<p>See the <a href=/x>plan<span class="sr-only"> unseen</span></a>.</p>',
    "hint of another framework": '<p>A goat<span class="u-visually-hidden"> unseen</span></p>',
    "a repeated text": f"<div hidden><p>{PARAGRAPHS[0]} {PARAGRAPHS[1]}</p><p>unseen</p></div>",
}


@pytest.mark.parametrize("markup", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_small_or_repeated_hidden_text_is_left_out(markup: str) -> None:
    texts = [b.text for b in split(parse(f"<body>{STORY}{markup}", "https://o.example/"))]
    assert texts[:3] == list(PARAGRAPHS)
    assert not any("unseen" in text for text in texts)


SHOWN = {
    "a story that a script has too": f"<div hidden>{REST}<p>seen</p></div><script>{REST}</script>",
    "the rest of the story": f"<div hidden>{REST}<p>seen</p></div>",
    "paragraphs that a script shows": "".join(f"<p hidden>{p}</p>" for p in PARAGRAPHS * 2) + "<p hidden>seen",
    "an icon's label": '<p aria-hidden="true">seen</p>',
    "a name like it": '<p class="hidden-gems">seen</p>',
    "overflow": '<p style="overflow:hidden">seen</p>',
    "a block for screen readers": '<div class="sr-only"><p>seen</p></div>',
}


@pytest.mark.parametrize("markup", SHOWN.values(), ids=SHOWN.keys())
def test_other_text_stays(markup: str) -> None:
    texts = [b.text for b in split(parse(f"<body><p>A goat slept in a car wash.</p>{markup}", "https://o.example/"))]
    assert "seen" in texts
