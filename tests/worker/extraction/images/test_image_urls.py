"""The URL of an image, whatever attribute or copy holds it."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import BODY, page
from worker.extraction.images.extract import find_images
from worker.extraction.page_data import PageData

GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP"
REAL = "https://cdn.example/2026/goat.jpg"
IMAGES = {
    "plain": f"<img src={REAL}>",
    "any data attribute": f"<img src='{GIF}' data-ezsrc={REAL}>",
    "an attribute of a plugin": f"<img src='{GIF}' nitro-lazy-src={REAL}>",
    "a set in an attribute of a plugin": f"<img src='{GIF}' nitro-lazy-srcset='{REAL}?w=90 90w, {REAL} 900w'>",
    "srcset": f"<img src='{GIF}' srcset='{REAL}?w=1 200w, {REAL} 1200w'>",
    "source": f"<picture><source srcset='{REAL}?w=1 1x, {REAL} 2x'><img src='{GIF}'></picture>",
    "noscript after": f"<img src=https://cdn.example/max/30/goat.jpg?q=20><noscript><img src={REAL}></noscript>",
    "noscript after a wrapper": f"<div><img src='{GIF}'></div><noscript><img src={REAL}></noscript>",
    "noscript alone": f"<div class=lazy></div><noscript><img src={REAL}></noscript>",
    "amp": f"<amp-img src={REAL} width=900 height=600></amp-img>",
    "background": f"<div style=\"background-image: url('{REAL}')\"></div>",
    "lazy background": f"<div data-bg={REAL}></div>",
    "placeholder file": f"<img src=/img/placeholder.png data-hires={REAL}>",
}


@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES.keys())
def test_finds_the_real_url_of_an_image(image: str) -> None:
    figure = f"<figure>{image}<figcaption>A goat. Photo: Juno Abara</figcaption></figure>"
    images = find_images(page(body=BODY + figure), PageData()).images
    assert [(i.url, i.caption) for i in images] == [(REAL, "A goat.")]


def test_background_of_the_figure_itself_counts() -> None:
    figure = f"<figure class=lazy-bg data-bg={REAL}><figcaption>A goat. Handout</figcaption></figure>"
    assert [i.url for i in find_images(page(body=BODY + figure), PageData()).images] == [REAL]


def test_addresses_that_act_are_no_images() -> None:
    figure = "<figure><img src='javascript:a.jpg' data-x='javascript:alert(1).jpg'></figure>"
    assert find_images(page(body=BODY + figure), PageData()).images == ()
