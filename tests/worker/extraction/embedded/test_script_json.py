"""State of any framework: one story in ninety packings; several stories; hostile values."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pages import packed_story
from tests.support.pages.packed_story import AUTHOR, DATE, PACKINGS, PARAGRAPHS, STORY, TITLE, URL, json_script
from worker import extraction
from worker.errors import Unreadable
from worker.extraction.embedded import script_json
from worker.extraction.html.tree import parse
from worker.model.records import Kind

OTHER: dict[str, Any] = {
    "id": 58090,
    "slug": "ferry-fares-rise-58090",
    "title": "Ferry fares rise",
    "publishedAt": DATE,
    "authors": [{"name": "Bo Lind"}],
    "bodyHtml": "<p>" + "The fares for the ferry rise in April, the harbour board said on Monday.</p><p>" * 8 + "</p>",
}


@pytest.mark.parametrize("name", list(PACKINGS))
def test_reads_the_story_in_every_packing(name: str) -> None:
    article = extraction.read(PACKINGS[name]().encode(), URL)
    assert (article.kind, article.headline, article.author) == (Kind.ARTICLE, TITLE, (AUTHOR,))
    assert article.date_published is not None
    assert article.date_published.isoformat() == "2026-03-14T07:30:00+00:00"
    assert tuple(article.article_body.split("\n")) == PARAGRAPHS


def test_of_several_stories_the_one_of_the_page_is_taken() -> None:
    for state in ({"a": OTHER, "b": STORY}, [OTHER, STORY], {"main": STORY, "next": [OTHER]}):
        article = extraction.read(json_script(state).encode(), URL)
        assert (article.headline, article.author) == (TITLE, (AUTHOR,))
        assert tuple(article.article_body.split("\n")) == PARAGRAPHS


def test_the_address_names_the_story_if_the_title_does_not() -> None:
    page = json_script([OTHER, STORY]).replace(f"{TITLE} | {packed_story.SITE}", packed_story.SITE)
    assert extraction.read(page.encode(), URL).headline == TITLE


def test_the_story_of_another_page_is_never_taken() -> None:
    page = json_script([OTHER, OTHER | {"title": "Sluice gate for sale", "id": 3, "bodyHtml": OTHER["bodyHtml"] + "x"}])
    article = extraction.read(page.encode(), URL)
    assert article.article_body == ""
    assert "Bo Lind" not in article.author


def test_state_of_a_page_that_shows_its_story_gives_fields_only() -> None:
    shown = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    page = json_script({"story": STORY}).replace("<p>Loading…</p>", f"<article><h1>{TITLE}</h1>{shown}</article>")
    article = extraction.read(page.encode(), URL)
    assert tuple(article.article_body.split("\n")) == PARAGRAPHS
    assert article.author == (AUTHOR,)
    assert article.provenance["article_body"].source == "dom"


def test_prose_is_shown_in_paragraphs_and_in_bare_elements() -> None:
    bare = parse(f"<body><div>{'<br>'.join(PARAGRAPHS * 4)}</div></body>", "")
    empty = parse(PACKINGS["json script"](), "")
    marked = parse("<body>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</body>", "")
    assert [script_json.shows_prose(tree) for tree in (bare, empty, marked)] == [True, False, True]


HOSTILE = {
    "open brackets": "=[" * 60_000,
    "open objects": "={a:" * 60_000,
    "open quotes": "='" * 60_000,
    "open comments": "=/*" * 60_000,
    "parentheses": "(" * 200_000,
    "functions": "(function(a){return " * 20_000,
    "arrows": "(a)=>" * 40_000,
    "backslashes": '="' + "\\" * 200_000,
    "strings after each other": "=['a'" * 50_000,
    "words": "a.b." * 60_000,
    "spaces": "= " * 100_000 + "{",
    "operators": "={a:" + "1+" * 80_000,
    "percent signs": '="%7B' + "%25" * 60_000 + '"',
    "base64": '="' + "QUJD" * 60_000 + '"',
    "packed often": '="' + '{\\"a\\":' * 30_000 + '"',
    "regular expressions": "=/[" * 60_000,
    "json without an end": '={"a":' + '{"a":' * 40_000,
    "lists without an end": "=" + "[1,[2," * 40_000,
    "long strings in lists": "=" + ('["' + "x" * 3000 + '",') * 80,
}


@pytest.mark.parametrize("name", list(HOSTILE))
@pytest.mark.parametrize("kind", ["", "application/json", "application/ld+json"])
def test_hostile_data_costs_little(name: str, kind: str) -> None:
    page = f'<title>{TITLE}</title><script type="{kind}">{HOSTILE[name][1 if kind else 0 :]}</script>'.encode()
    started = time.process_time()
    extraction.read(page, URL)
    assert time.process_time() - started < 4


@settings(max_examples=150)
@given(st.text(st.sampled_from("{}[]()'\"`\\/*,:=>|&?!+.;$_a1 \n%<-~é\ud800function returnnew void"), max_size=80))
def test_any_code_is_read_without_an_error(text: str) -> None:
    code = text.encode("utf-8", "replace").decode()
    extraction.read(f"<script>x={code}</script><div data-x='{{{code}'>".encode(), URL)
    extraction.read(f"<script type='application/json'>{{{code}</script>".encode(), URL)
    extraction.read(
        json_script([code, {"title": TITLE, "body": code, code: {"items": [code, {"text": code}]}}]).encode(), URL
    )


@settings(max_examples=60)
@given(st.integers(0, 3000), st.sampled_from(["nuxt 2", "nuxt 3", "react router stream", "astro island", "apollo"]))
def test_a_cut_in_any_place_is_read_without_an_error(cut: int, name: str) -> None:
    page = PACKINGS[name]()
    extraction.read((page[:cut] + page[cut + 1 :]).encode(), URL)
    with suppress(Unreadable):
        extraction.read(page[: max(cut, 1)].encode(), URL)


def test_circular_references_end() -> None:
    cache = {"A:1": {"__typename": "A", "title": TITLE, "body": {"__ref": "A:1"}, "author": {"__ref": "A:1"}}}
    extraction.read(json_script(cache).encode(), URL)
    flat = [{"story": 1}, {"title": 2, "body": 1, "author": 1}, TITLE]
    extraction.read(json_script(flat).encode(), URL)
    assert json.dumps(flat)
