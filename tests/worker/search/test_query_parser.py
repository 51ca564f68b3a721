"""The query parser: texts and their trees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.search.query_parser import MAX_CHARS, MAX_WORDS, NO_WORD, All, Any, Node, Not, Parsed, Phrase, Word, parse

A, B, C = Word("a1"), Word("b1"), Word("c1")

READ: dict[str, Node] = {
    "": All(),
    "a1": All((A,)),
    "a1 b1": All((A, B)),
    "a1 AND b1": All((A, B)),
    "a1 && b1": All((A, B)),
    "a1 and b1": All((A, Word("and"), B)),
    "a1 OR b1": All((Any((A, B)),)),
    "a1 or b1": All((A, Word("or"), B)),
    "a1 | b1": All((Any((A, B)),)),
    "a1 OR b1 OR c1": All((Any((A, B, C)),)),
    "a1 OR b1 c1": All((Any((A, B)), C)),
    "a1 b1 OR c1": All((A, Any((B, C)))),
    "(a1 b1) OR c1": All((Any((All((A, B)), C)),)),
    "-a1": All((Not(A),)),
    "−a1": All((Not(A),)),
    "NOT a1 b1": All((Not(A), B)),
    "-(a1 b1)": All((Not(All((A, B))),)),
    "a1-b1": All((Word("a1-b1"),)),
    "a1 - b1": All((A, B)),
    "a1 OR -b1": All((Any((A, Not(B))),)),
    '"a1 b1" c1': All((Phrase("a1 b1"), C)),
    "„a1 b1“ c1": All((Phrase("a1 b1"), C)),
    "«a1 b1»": All((Phrase("a1 b1"),)),
    '"a1 b1': All((Phrase("a1 b1"),)),
    '-"a1 b1"': All((Not(Phrase("a1 b1")),)),
    "a1*": All((Word("a1", is_prefix=True),)),
    "a1**": All((Word("a1", is_prefix=True),)),
    "水": All((Word("水", is_prefix=True),)),
    "水着": All((Word("水着"),)),
    "*a1": All((Word("*a1"),)),
    "author:a1": All((Word("a1", "author"),)),
    "AUTHOR:a1": All((Word("a1", "author"),)),
    "caption_text:a1": All((Word("a1", "caption"),)),
    "-author:a1*": All((Not(Word("a1", "author", is_prefix=True)),)),
    "-author:-a1": All((Not(Word("-a1", "author")),)),
    'author:"a1 b1"': All((Phrase("a1 b1", "author"),)),
    "author:(a1 OR b1) c1": All((Any((Word("a1", "author"), Word("b1", "author"))), C)),
    "author:(a1 lang:en)": All((Word("a1", "author"), Word("en", "lang"))),
    "(author:a1)": All((Word("a1", "author"),)),
    "author: a1": All((Word("author:"), A)),
    "colour:a1": All((Word("colour"), A)),
    "http://x1.example/a1": All((Word("http://x1.example/a1"),)),
    "12:30": All((Word("12:30"),)),
    "((((a1": All((A,)),
    "a1)))) b1": All((A, B)),
    "() a1": All((A,)),
    "OR OR a1 OR OR": All((A,)),
    "a1 (OR) b1": All((A, B)),
    "… a1 !": All((A,)),
}


@pytest.mark.parametrize("text", READ)
def test_a_query_is_parsed_to_a_tree(text: str) -> None:
    assert parse(text).node == READ[text]


@pytest.mark.parametrize("text", [t for t in READ if not t.startswith("colour") and t != "author: a1"])
def test_a_plain_query_has_no_note(text: str) -> None:
    assert parse(text).notes == ()


def test_notes_name_unknown_fields_and_limits() -> None:
    assert "colour" in parse("colour:red").notes[0]
    assert str(MAX_WORDS) in parse("word " * 100).notes[0]
    assert len(parse("word " * 100).notes) == 1
    unknown = parse(" ".join(f"x{n:c}:1" for n in range(ord("a"), ord("z")))).notes
    assert len(unknown) == 1 and "'xa', 'xb'" in unknown[0] and "20 more" in unknown[0]


@pytest.mark.parametrize("text", ["NOT", "-", '"', "???", "()", "AND OR", "-()"])
def test_a_query_without_a_word_matches_everything_with_a_note(text: str) -> None:
    assert parse(text) == Parsed(All(), (NO_WORD,))
    assert parse(" \t") == Parsed(All())


@pytest.mark.parametrize("text", ["photographer: Rossi", "caption_text: Rossi", "rossi Photographer:"])
def test_a_blank_after_a_field_name_gets_a_note(text: str) -> None:
    (note,) = parse(text).notes
    assert ":' was read as a word" in note


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000"])
def test_a_query_may_begin_with_any_number_of_blanks(blank: str) -> None:
    blanks = blank * (MAX_CHARS + 1)
    assert (parse(blanks).node, parse(blanks).notes) == (All(()), ())
    assert (parse(blanks + "a1").node, parse(blanks + "a1").notes) == (All((A,)), ())


def test_a_long_query_is_read_to_the_last_word_that_fits() -> None:
    parsed = parse("a1 " + "x" * MAX_CHARS)
    assert parsed.node == All((A,))
    assert f"{MAX_CHARS:,}" in parsed.notes[0]
    assert parse("a1".ljust(MAX_CHARS)).notes == ()


def depth(node: Node) -> int:
    match node:
        case All(nodes) | Any(nodes):
            return 1 + max(map(depth, nodes), default=0)
        case Not(inner):
            return 1 + depth(inner)
    return 1


def leaves(node: Node) -> list[Word | Phrase]:
    match node:
        case All(nodes) | Any(nodes):
            return [leaf for n in nodes for leaf in leaves(n)]
        case Not(inner):
            return leaves(inner)
    return [node]


@given(st.text(alphabet='ab"()-*: |ORNT\t', max_size=200))
def test_query_of_any_text_is_a_small_tree(text: str) -> None:
    node = parse(text).node
    assert depth(node) < 60
    assert len(leaves(node)) <= MAX_WORDS
    assert all(leaf.text.strip("*") for leaf in leaves(node))
