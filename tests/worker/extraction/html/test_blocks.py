"""Splitting of a page into blocks, and the choice between its text and the embedded body."""

from __future__ import annotations

import json

from worker import extraction
from worker.extraction.boilerplate.teaser_cards import find_cards
from worker.extraction.html.blocks import split
from worker.extraction.html.tree import parse

LONG = "The people of Ostervik voted on Tuesday to keep the last ferry, although it costs the council a lot of money."


def _texts(html: str) -> list[str]:
    return [b.text for b in split(parse(html, "https://o.example/"))]


def test_blocks_end_at_block_elements_and_double_breaks() -> None:
    assert _texts("<p>one <b>two</b> three</p><div>four<br>five<br><br>six<p>seven</p>eight</div>") == [
        "one two three",
        "four five",
        "six",
        "seven",
        "eight",
    ]


def test_invisible_text_and_controls_are_not_blocks() -> None:
    assert _texts("<script>x</script><button>go</button><p>a<style>b</style>c</p><select><option>d</select>") == ["ac"]


def test_links_and_bold_are_counted() -> None:
    block = split(parse('<p>ab <a href="/">cdef</a> <b>gh</b></p>', "https://o.example/"))[0]
    assert (block.link_chars, block.links, block.strong_chars) == (4, 1, 2)


def test_containers_know_their_parents() -> None:
    block = split(parse('<div class="Story-Body"><section id="x"><p>a</p></section></div>', "https://o.example/"))[0]
    assert [(p.tag, p.names) for p in block.ancestors()][:3] == [("p", ""), ("section", "x"), ("div", "Story-Body")]


def test_cards_need_siblings_of_the_same_build() -> None:
    card = '<div class="card"><h3><a href="/1">Two bakers one oven</a></h3><p>A quarrel about an oven.</p></div>'
    assert find_cards(split(parse(f"<div>{card * 2}</div>", "https://o.example/"))) == set()
    assert {p.names for p in find_cards(split(parse(f"<div>{card * 4}</div>", "https://o.example/")))} == {"card"}


def test_embedded_body_is_taken_only_if_the_page_does_not_show_it() -> None:
    data = json.dumps({"@type": "NewsArticle", "headline": "Town keeps its ferry", "articleBody": " ".join([LONG] * 8)})
    script = f'<script type="application/ld+json">{data}</script>'
    empty = f"<html><head>{script}</head><body><h1>Town keeps its ferry</h1></body></html>"
    full = empty.replace("</body>", f"<article>{f'<p>{LONG}</p>' * 8}</article></body>")
    assert extraction.read(empty.encode(), "https://o.example/a").provenance["article_body"].source == "json-ld"
    assert extraction.read(full.encode(), "https://o.example/a").provenance["article_body"].source == "dom"


def test_the_same_bytes_give_the_same_article() -> None:
    page = f"<html><h1>Town keeps its ferry</h1><article>{f'<p>{LONG}</p>' * 4}</article></html>".encode()
    assert extraction.read(page, "https://o.example/a") == extraction.read(page, "https://o.example/a")
