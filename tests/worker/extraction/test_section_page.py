"""Section pages, and stories that only resemble them."""

from __future__ import annotations

import pytest

from worker import extraction
from worker.model.records import Kind

_PROSE = (
    "The council voted six to three on Tuesday night to close the old bridge, after divers found two weak piers.",
    "Hauliers said that the detour through Castle Orrin adds 35 minutes to each trip and costs the quarry dearly.",
    "Repairs begin in May and last until the autumn, which depends on the river and on a grant of the ministry.",
    "The bridge was built in 1871 to carry slate from the hills, and was opened to cars when the railway closed.",
)
_TITLES = (
    "Ferry fares to rise in spring",
    "Library reopens after two years",
    "Robotics team takes regional title",
    "Orchard tax vote put off again",
    "Choir sings for the hospice",
    "Snow closes the pass to Varden",
)


def story(count: int = 4) -> str:
    return "".join(f"<p>{p}</p>" for p in _PROSE[:count])


def cards(count: int = 6, *, tag: str = "div", text: str = "A short line about it, in few words.") -> str:
    return "".join(
        f'<{tag} class="tease"><h4><a href="/n/{i}">{title}</a></h4><p>{text}</p></{tag}>'
        for i, title in enumerate(_TITLES[:count])
    )


def kind(body: str, *, title: str, path: str = "") -> Kind:
    page = f"<html><head><title>{title}</title></head><body><main>{body}</main></body></html>"
    return extraction.read(page.encode(), f"https://www.valley.example/{path}").kind


@pytest.mark.parametrize("path", ["", "world/", "tag/bridges", "rubrik/politik/"])
@pytest.mark.parametrize("tag", ["div", "article", "li"])
def test_section_pages(path: str, tag: str) -> None:
    assert kind(f"<h1>World</h1><div>{cards(tag=tag)}</div>", title="World | Valley", path=path) is Kind.SECTION


def test_section_page_with_a_sentence_about_itself() -> None:
    body = f"<h1>World</h1><p>All the news from the world beyond the valley.</p><div>{cards()}</div>"
    assert kind(body, title="World | Valley", path="world/") is Kind.SECTION


@pytest.mark.parametrize("count", [1, 2, 4])
def test_story_above_teasers(count: int) -> None:
    body = f"<article><h1>Old bridge closes to lorries</h1>{story(count)}</article><div>{cards()}</div>"
    found = extraction.read(
        f"<html><head><title>Old bridge closes to lorries</title></head><body>{body}</body></html>".encode(),
        "https://www.valley.example/n/4bQ8",
    )
    assert found.kind is Kind.ARTICLE
    assert _PROSE[0] in found.article_body


def test_story_among_teasers_with_long_texts() -> None:
    body = f"<article><h1>Old bridge closes</h1>{story()}</article><div>{cards(text=_PROSE[1] + _PROSE[2])}</div>"
    assert kind(body, title="Old bridge closes", path="n/4bQ8") is Kind.ARTICLE


def test_headline_that_is_the_path() -> None:
    body = f"<article><h1>Two hurt near Stagg Hill</h1>{story(2)}</article><div>{cards()}</div>"
    assert kind(body, title="Two hurt near Stagg Hill", path="2026/11/two-hurt-near-stagg-hill/") is Kind.ARTICLE


def test_one_sentence_under_a_headline() -> None:
    sentence = "Two men were taken to the valley hospital on Tuesday after their van left the quarry road."
    body = f"<article><h1>Two hurt as van leaves quarry road</h1><p>{sentence}</p></article>"
    links = "".join(f'<p><a href="/n/{i}">{title}</a></p>' for i, title in enumerate(_TITLES))
    assert kind(body + links, title="Two hurt as van leaves quarry road", path="news/van") is Kind.ARTICLE


def test_list_of_places_with_links() -> None:
    places = "".join(
        f'<section class="entry"><h2>{i}. {title}</h2><p>{_PROSE[i % 4]} {_PROSE[(i + 1) % 4]}</p>'
        f'<p><a href="https://shop.example/{i}">See the offer now</a></p></section>'
        for i, title in enumerate(_TITLES)
    )
    body = f"<article><h1>The six best walks of the valley</h1>{story(2)}{places}</article>"
    assert kind(body, title="The six best walks of the valley", path="guides/walks").is_article


def test_live_blog() -> None:
    posts = "".join(
        f'<div class="post" id="p{i}"><time datetime="2026-11-22T1{i}:20:00Z">{i} min</time>'
        f"<h2>{title}</h2><p>{_PROSE[i % 4]}</p></div>"
        for i, title in enumerate(_TITLES)
    )
    body = f"<article><h1>Storm live: roads are closed</h1>{posts}</article>"
    assert kind(body, title="Storm live: roads are closed", path="news/storm") is Kind.LIVE


def test_story_in_one_column_of_a_grid() -> None:
    story_column = (
        f'<div class="col"><p>{_PROSE[0]}</p><p>{_PROSE[1]}</p><p><a href="/more">More about the bridge</a></p></div>'
    )
    others = "".join(
        f'<div class="col"><p>Note.</p><p><a href="/n/{i}">{t}</a></p></div>' for i, t in enumerate(_TITLES)
    )
    assert kind(f"<h1>Old bridge closes</h1>{story_column}{others}", title="Old bridge closes", path="x/y").is_article
