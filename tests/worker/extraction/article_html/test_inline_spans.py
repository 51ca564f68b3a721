"""Marked parts of a block's text, and the place where the block begins."""

from __future__ import annotations

from tests.support.pages.article_pages import URL
from worker.extraction.article_html.inline_spans import Inline, Marks, Span, inline_content
from worker.extraction.html import blocks
from worker.extraction.html.tree import parse


def content(body: str) -> list[tuple[str, Inline]]:
    """Return the text and the inline content of each block of the first <div>."""
    tree = parse(f"<body>{body}", URL)
    found = blocks.split(tree)
    own = [b for b in found if b.tag == "div"]
    made = inline_content(own, {b.node for b in found}, tree)
    return [(b.text, made[b]) for b in own]


def test_spans_are_positions_in_the_folded_text() -> None:
    [(text, inline)] = content("<div>  The\n\n <b>old \u00ad quay</b>, again </div>")
    [(start, end, marks)] = inline.spans
    assert (text[start:end], marks) == ("old quay", Marks(is_strong=True))


def test_nested_marks_and_one_link_of_several_pieces() -> None:
    [(text, inline)] = content("<div><a href=/x>one <i>two</i></a> three</div>")
    href = "https://www.larkin.example/x"
    assert [(text[s.start : s.end], s.marks) for s in inline.spans] == [
        ("one", Marks(href)),
        ("two", Marks(href, is_emphasis=True)),
    ]


def test_text_of_an_inner_block_is_not_matched() -> None:
    found = content("<div>one <b>two</b><p>two <b>three</b></p>three <b>four</b></div>")
    assert [[text[s.start : s.end] for s in inline.spans] for text, inline in found] == [["two"], ["four"]]


def test_block_begins_at_a_text_or_at_a_tail() -> None:
    (_, first), (_, second) = content("<div>one<img src=a>two</div>")
    assert first.start is not None and second.start is not None
    assert (first.start.tag, first.is_tail, second.start.tag, second.is_tail) == ("div", False, "img", True)


def test_text_that_does_not_match_is_skipped() -> None:
    [block] = blocks.split(tree := parse("<body><div>one <b>two</b></div>", URL))
    block.text = "something else"
    assert inline_content([block], set(), tree) == {block: Inline([])}
    assert Span(0, 1, Marks()).marks == Marks()
