"""The choice of the body: what is dropped although the model keeps it, and the body in embedded data."""

from __future__ import annotations

import pytest

from tests.support.pages.article_pages import BODY, PARAGRAPHS, TITLE, URL, page
from worker import extraction
from worker.extraction.boilerplate.select_body import choose_body
from worker.extraction.html.blocks import split
from worker.extraction.page_data import EmbeddedArticle, PageData


@pytest.mark.parametrize("shown", [TITLE, TITLE.upper(), f" {TITLE} "])
@pytest.mark.parametrize("tag", ["h2", "h3", "p", "div", "strong"])
def test_headline_is_no_paragraph(tag: str, shown: str) -> None:
    html = f"<title>{TITLE}</title><meta property='og:title' content='{TITLE}'><div><{tag}>{shown}</{tag}>{BODY}</div>"
    assert extraction.read(html.encode(), URL).article_body == "\n".join(PARAGRAPHS)


def test_paragraph_that_quotes_the_headline_is_kept() -> None:
    quote = f"{TITLE}, said the sign that somebody had put up at the gate in the morning before anybody was awake."
    html = f"<title>{TITLE}</title><h1>{TITLE}</h1><div>{BODY}<p>{quote}</p></div>"
    assert quote in extraction.read(html.encode(), URL).article_body


@pytest.mark.parametrize(
    "date", ["23 Nov 2026", "November 23, 2026", "Montag, 23. November 2026, 09:10 Uhr", "23/11/2026"]
)
def test_date_before_the_story_is_no_paragraph(date: str) -> None:
    html = f"<title>{TITLE}</title><article><h1>{TITLE}</h1><time>{date}</time>{BODY}</article>"
    assert extraction.read(html.encode(), URL).article_body == "\n".join(PARAGRAPHS)


def test_date_inside_the_story_stays() -> None:
    more = "".join(f"<p>{p} It was written down.</p>" for p in PARAGRAPHS)
    html = f"<title>{TITLE}</title><article><h1>{TITLE}</h1>{BODY}<h2>23 November 2026</h2>{more}</article>"
    assert "\n23 November 2026\n" in extraction.read(html.encode(), URL).article_body


LONG = tuple(f"{n}. {p}" for n in range(3) for p in PARAGRAPHS)
SHORT = ("A goat slept in a car wash.", f"{PARAGRAPHS[1]} It is well.")


def embedded(headline: str | None, paragraphs: tuple[str, ...]) -> EmbeddedArticle:
    return EmbeddedArticle(source="json-ld", rule="NewsArticle", headline=headline, paragraphs=paragraphs)


def test_body_that_the_page_shows_is_read_from_its_elements() -> None:
    blocks = split(page(body=BODY))
    chosen, origin = choose_body(PARAGRAPHS[:1], PageData(articles=(embedded(TITLE, PARAGRAPHS),)), blocks)
    assert (chosen, origin.source) == (PARAGRAPHS[:1], "dom")


def test_longer_body_that_the_page_does_not_show_is_taken() -> None:
    chosen, origin = choose_body(("A teaser.",), PageData(articles=(embedded(TITLE, LONG),)), split(page(body="")))
    assert (chosen, origin.source) == (LONG, "json-ld")


def test_article_with_the_headline_of_the_page_comes_before_a_longer_one() -> None:
    own, other = embedded(TITLE.upper(), LONG[:6]), embedded("Bakery closes", tuple(f"{p} Bread." for p in LONG))
    blocks = split(page(body=""))
    assert choose_body((), PageData(articles=(other, own)), blocks, TITLE)[0] == own.paragraphs
    assert choose_body((), PageData(articles=(other, own)), blocks, "Something else")[0] == other.paragraphs


@pytest.mark.parametrize(("kept", "chosen"), [((), SHORT), (("A teaser.",), ("A teaser.",))])
def test_brief_is_taken_if_nothing_is_shown(kept: tuple[str, ...], chosen: tuple[str, ...]) -> None:
    assert choose_body(kept, PageData(articles=(embedded(TITLE, SHORT),)), split(page(body="")))[0] == chosen
