"""Pictures in the story without a caption."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import PARAGRAPHS, page
from worker.extraction.images.extract import find_images
from worker.extraction.page_data import PageData

FIRST, *REST = [f"<p>{p}</p>" for p in PARAGRAPHS]


def urls(markup: str) -> list[str]:
    body = f"<h1>A bridge closes</h1><div>{FIRST}{markup}{''.join(REST)}</div>"
    return [(i.url or "").rpartition("/")[2] for i in find_images(page(body=body), PageData()).images]


@pytest.mark.parametrize(
    "markup",
    [
        "<p><img src=/a.jpg></p>",
        "<img src=/a.jpg>",
        "<img class=alignnone src=/a.jpg width=1200 height=800 alt='The bridge'>",
        "<p><a href=/uploads/a.jpg><img src=/a.jpg></a></p>",
        "<div><div><img src=/a.jpg></div></div>",
        "<center><img src=/a.jpg></center>",
        "<p><img src=/a.jpg><br>The bridge closes at noon, the council says.</p>",
        "<amp-img src=/a.jpg width=900 height=600></amp-img>",
    ],
)
def test_a_picture_in_the_story_is_an_image_of_the_article(markup: str) -> None:
    assert urls(markup) == ["a.jpg"]


@pytest.mark.parametrize(
    "markup",
    [
        "<p><img src=/a.jpg width=16 height=16></p>",
        "<p><img src=/share-icon.png></p>",
        "<p><img src=/logo.png></p>",
        "<p><img src=/a.svg></p>",
        "<p><img src=/wp/emoji/1f600.png></p>",
        "<p><a href=https://www.larkin.example/news/other-story><img src=/a.jpg></a></p>",
        "<p>The sign <img src=/a.jpg> hangs over the bridge.</p>",
        "<ul><li><a href=/x><img src=/a.jpg></a></li></ul>",
        "<aside><img src=/a.jpg></aside>",
        "<div class=related-stories><img src=/a.jpg></div>",
        "<img src=/a.jpg width=1 height=1>",
    ],
)
def test_icons_teasers_and_counters_are_not(markup: str) -> None:
    assert urls(markup) == []
