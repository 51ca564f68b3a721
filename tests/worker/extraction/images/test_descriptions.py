"""The description of an image, and the texts that repeat it."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import page
from worker.extraction.images import descriptions

ALT = "Wanjiru Mbogo brushes a goat behind the old mill"


@pytest.mark.parametrize(
    ("markup", "text", "expected"),
    [
        (f"<img alt='{ALT}'>", f"{ALT}.", True),
        (f"<img alt='{ALT}'>", f"{ALT.upper()} © Nils Corrigan", True),
        (f"<img alt='{ALT}'>", f"{ALT[:35]}", True),
        (f"<img title='{ALT}'>", ALT, True),
        (f"<img aria-label='{ALT}'>", ALT, True),
        (f"<img data-caption='{ALT}'>", ALT, True),
        (f"<a title='{ALT}'><img></a>", ALT, True),
        (f"<figure aria-label='{ALT}'><img></figure>", ALT, True),
        (f"<img alt='{ALT[:30]}...'>", f"{ALT}, {'as neighbours watch and clap ' * 6}", True),
        (f"<img alt='{ALT}'>", f"{ALT}, {'as neighbours watch and clap ' * 6}", False),
        (f"<img alt='{ALT}'>", "Wanjiru", False),
        ("<img alt='A goat'>", "A goat", False),
        ("<img>", ALT, False),
    ],
)
def test_knows_texts_that_repeat_a_description(markup: str, text: str, expected: bool) -> None:
    image = next(page(body=markup).root.iter("img"))
    assert descriptions.is_repeated(image, text) is expected
