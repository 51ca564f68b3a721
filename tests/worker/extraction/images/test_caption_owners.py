"""The image that a caption belongs to."""

from __future__ import annotations

import time

import pytest

from tests.support.pages.article_pages import BODY, PARAGRAPHS, URL, page
from worker.extraction.html.tree import parse
from worker.extraction.images.extract import find_images
from worker.extraction.page_data import PageData

STORY = [f"<p>{p}</p>" for p in PARAGRAPHS]
FIGURE = "<figure><img src=/{0}.jpg><figcaption>Goat {0} rests. Photo: Juno Abara</figcaption></figure>"
CAPTIONED = {
    "paragraphs": "<p><img src=/m.jpg></p><p class=wp-caption-text>A mill. Photo: Nils Corrigan</p>",
    "bare": "<img src=/m.jpg><div class=caption>A mill. Photo: Nils Corrigan</div>",
    "wrapped": "<div><div><img src=/m.jpg></div></div><div><p class=caption>A mill. Photo: Nils Corrigan</p></div>",
    "credit apart": "<p><img src=/m.jpg></p><p class=caption>A mill.</p><p class=credit>Photo: Nils Corrigan</p>",
    "named for the credit": "<p><img src=/m.jpg></p><p class=image-credit-wrap><span><span class=cutline>A mill.</span>"
    "<span class=credit>(Photo: Nils Corrigan, AP)</span></span></p>",
    "both in one wrapper": "<p><img src=/m.jpg></p><p class=credit-box><span class=js-caption><span class=cutline>"
    "A mill.</span> <span class=credit>(Photo: Nils Corrigan)</span></span></p>",
    "picture": "<picture><img src=/m.jpg></picture><span class=photo-caption>A mill. Photo: Nils Corrigan</span>",
}


@pytest.mark.parametrize("markup", CAPTIONED.values(), ids=CAPTIONED.keys())
def test_a_caption_among_figures_belongs_to_the_nearest_image(markup: str) -> None:
    body = "<h1>x</h1><div>" + STORY[0] + FIGURE.format(1) + STORY[1] + markup + STORY[2] + FIGURE.format(2) + "</div>"
    images = find_images(page(body=body), PageData()).images
    assert [(i.url or "")[-6:] for i in images] == ["/1.jpg", "/m.jpg", "/2.jpg"]
    assert [i.caption for i in images] == ["Goat 1 rests.", "A mill.", "Goat 2 rests."]
    assert [i.creator for i in images] == [("Juno Abara",), ("Nils Corrigan",), ("Juno Abara",)]


SHAPES = {
    "figures": FIGURE + STORY[0],
    "paragraphs": "<p><img src=/{0}.jpg></p><p class=wp-caption-text>Goat {0} rests. Photo: Jon Smith</p>" + STORY[0],
    "unnamed": "<p><img src=/{0}.jpg></p><p><em>Goat {0} rests. Photo: Jon Smith</em></p>" + STORY[0],
    "slides": "<li><img src=/{0}.jpg><div class=slide-caption>Goat {0} rests. Jon Smith/AP</div></li>",
    "captions alone": "<div class=caption>Goat {0} rests. Photo: Jon Smith</div>",
    "bare": "<img src=/{0}.jpg>",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_the_cost_of_an_image_does_not_grow_with_their_number(shape: str) -> None:
    def cost(number: int) -> float:
        tree = parse(f"<h1>x</h1><div>{BODY}{''.join(shape.format(n) for n in range(number))}</div>", URL)
        started = time.process_time()
        find_images(tree, PageData())
        return (time.process_time() - started) / number

    cost(200)
    assert min(cost(2000) for _ in range(2)) < 3 * max(cost(200) for _ in range(3)) + 1e-4
