"""Splitting of a page into blocks, and the choice between its text and the embedded body."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import extraction
from worker.extraction.boilerplate.teaser_cards import find_cards
from worker.extraction.html.blocks import ends_sentence, split
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


LONG_LINES = [
    "The harbour trust will drain the east basin for six weeks from January.",
    "Forty-one boats have been told to move to the outer quay.",
    "A petition against the levy has been signed by 1,200 people.",
]
FOLDED = "The harbour trust will drain the east<br>basin for six weeks. It will begin in<br>January and end in May.<br>"

RUNS = {
    "unknown element in a sentence": ("<p>a <x-tip>b</x-tip> c</p>", ["a b c"]),
    "unknown element at the start": ("<p><x-tip>b</x-tip> c</p>", ["b c"]),
    "namespace of an office program": ("<div>a <o:p>b</o:p> c</div>", ["a b c"]),
    "unknown elements as paragraphs": ("<x-list><x-item>a</x-item><x-item>b</x-item></x-list>", ["a", "b"]),
    "unknown element around blocks": ("<div>a<x-box><p>b</p></x-box>c</div>", ["a", "b", "c"]),
    "sign in a sentence": ("<p>a <img src=x> b</p>", ["a b"]),
    "image between sentences": ("<p>A is b. <img src=x> C is d.</p>", ["A is b.", "C is d."]),
    "button in a sentence": ("<p>The <button>east basin</button> is dry.</p>", ["The east basin is dry."]),
    "button after a sentence": ("<p>The basin is dry. <button>Share</button> now</p>", ["The basin is dry. now"]),
    "power": ("<p>10<sup>6</sup> l, 900 m<sup>2</sup>, 1<sup>st</sup></p>", ["10^6 l, 900 m2, 1st"]),
    "note": (
        "<p>The gate leaks.<sup>1</sup> It is old<sup><a href=#n2>2</a></sup>.</p>",
        ["The gate leaks. It is old."],
    ),
    "note in brackets": ("<p>The gate<sup>[3]</sup> leaks.</p>", ["The gate leaks."]),
    "sentences before breaks": (f"<div>{'<br>'.join(LONG_LINES)}</div>", LONG_LINES),
    "folded lines": (f"<p>{FOLDED}</p>", [FOLDED.replace("<br>", " ").strip()]),
    "lines of a poem": ("<p>The gate is old,<br>the basin cold.<br>The boats are sold.</p>", None),
    "heading before a break": (f"<p><b>The levy</b><br>{LONG_LINES[0]}</p>", ["The levy", LONG_LINES[0]]),
    "bold lines": ("<p><b>one</b><br><b>two</b></p>", ["one two"]),
    "ideographic indent": ("<div>　　東の船だまり<br>　　西の岸壁</div>", ["東の船だまり", "西の岸壁"]),
    "blank lines of preformatted text": ("<pre>one\ntwo\n\n  three</pre>", ["one two", "three"]),
    "style of preformatted text": ('<div style="white-space: pre-line">one\n\ntwo</div>', ["one", "two"]),
    "blank lines elsewhere": ("<div>one\n\ntwo</div>", ["one two"]),
}  # fmt: skip


@pytest.mark.parametrize(("html", "wanted"), RUNS.values(), ids=RUNS.keys())
def test_runs_of_text(html: str, wanted: list[str] | None) -> None:
    found = _texts(html)
    assert found == wanted if wanted else len(found) == 1


def test_links_and_bold_belong_to_their_paragraph() -> None:
    html = f"<div><a href=/x>The</a> {LONG_LINES[0]}<br>{LONG_LINES[1]} <b>So</b> it is.<br>{LONG_LINES[2]}</div>"
    found = split(parse(html, "https://o.example/"))
    assert [(b.links, b.link_chars, b.strong_chars, len(b.nodes)) for b in found] == [
        (1, 3, 0, 1),
        (0, 0, 2, 1),
        (0, 0, 0, 0),
    ]


def test_noscript_counts_only_on_a_page_without_prose() -> None:
    story = "".join(f"<p>{line}</p>" for line in LONG_LINES * 3)
    assert len(_texts(f"<div id=app></div><noscript>{story}</noscript>")) == 9
    assert len(_texts(f"{story}<noscript>{story}</noscript>")) == 9


PARTS = [
    "<p>", "</p>", "<div>", "</div>", "<br>", "<x-a>", "</x-a>", "<b>", "</b>", "<a href=#x>", "</a>", "<sup>",
    "</sup>", "<pre>", "</pre>", "<button>", "</button>", "<img>", "<ruby>", "<rt>", "</ruby>", "<table>", "<tr>",
    "<td>", "<slot>", "</span>", "<noscript>", "</noscript>", "<textarea>", "<svg>", "<!--", "-->", "one", "6",
    " two. ", "\n\n", "\u3000", "<template shadowrootmode=open>", "<li hidden>", "<span style=display:none>",
]  # fmt: skip
BROKEN = st.lists(st.sampled_from(PARTS), max_size=60).map("".join)


@given(BROKEN)
def test_any_markup_is_split(html: str) -> None:
    assert all(b.text for b in split(parse(f"<body>.{html}", "https://o.example/")))


@pytest.mark.parametrize(
    "part",
    [
        "<x-a>a ", "<x-a>a</x-a> b ", "a<br>", "<b>a</b><br>", "<div hidden>a</div>", "<p>a <button>b</button> c",
        "<sup>1</sup>a ", "<div><span class=sr-only>a</span>", "<img src=x>a ", "<pre>a\n",
        "<template shadowrootmode=open><slot></slot>a</template>", "<x-a><template shadowrootmode=open><slot></slot>a",
    ],
)  # fmt: skip
def test_time_grows_with_the_length(part: str) -> None:
    seconds = []
    for count in (5_000, 20_000):
        tree = parse("<body>" + part * count, "https://o.example/")
        begin = time.process_time()
        split(tree)
        seconds.append(time.process_time() - begin)
    assert seconds[1] < 12 * max(seconds[0], 0.05)


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


def test_a_long_thai_text_is_a_sentence_without_a_full_stop() -> None:
    assert ends_sentence("สภาเทศบาลมีมติเมื่อคืนวันอังคารให้ปิดท่าเรือเก่าสำหรับรถบรรทุก หลังช่างพบความเสียหาย")
    assert not ends_sentence("ข่าวในประเทศ")
