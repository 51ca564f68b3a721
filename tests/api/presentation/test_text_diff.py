"""Differences between texts: complete, readable, and fast on hostile input."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.presentation.text_diff import Op, diff

WORDS = st.lists(st.sampled_from(["flood", "the", "a", "river", " ", "\n", ",", "7,200", "水", "位"]), max_size=60)
TEXTS = st.one_of(WORDS.map("".join), st.text(max_size=80))


def marked(old: str, new: str) -> str:
    """Return the difference with [-deleted-] and {+inserted+} words."""
    marks = {Op.KEEP: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "{{+{}+}}"}
    return "".join(marks[piece.op].format(piece.text) for piece in diff(old, new))


@given(TEXTS, TEXTS)
def test_pieces_form_both_texts(old: str, new: str) -> None:
    pieces = diff(old, new)
    assert "".join(p.text for p in pieces if p.op is not Op.INSERT) == old
    assert "".join(p.text for p in pieces if p.op is not Op.DELETE) == new
    assert all(p.text for p in pieces)
    assert all(a.op is not b.op for a, b in pairwise(pieces))


@given(TEXTS)
def test_equal_texts_have_no_changes(text: str) -> None:
    assert all(p.op is Op.KEEP for p in diff(text, text))


@given(st.lists(st.sampled_from(["flood", "the", "a", "7,200", "水位,"]), max_size=60), st.integers(0, 60))
def test_only_the_new_word_is_marked(words: list[str], at: int) -> None:
    pieces = diff(" ".join(words), " ".join([*words[:at], "unheard-of", *words[at:]]))
    assert "".join(p.text for p in pieces if p.op is Op.INSERT).strip() == "unheard-of"
    assert not [p for p in pieces if p.op is Op.DELETE]


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Two people died.", "Three people died.", "[-Two-]{+Three+} people died."),
        ("A big red dog ran", "A small blue dog ran", "A [-big red-]{+small blue+} dog ran"),
        ("It cost 1,200 euros", "It cost 1,300 euros", "It cost [-1,200-]{+1,300+} euros"),
        ("He didn’t go.", "He doesn’t go!", "He [-didn’t-]{+doesn’t+} go[-.-]{+!+}"),
        ("हिन्दी में समाचार", "हिन्दू में समाचार", "[-हिन्दी-]{+हिन्दू+} में समाचार"),
        ("東京の水位が上昇", "東京の水位は上昇", "東京の水位[-が-]{+は+}上昇"),
        ("one\ntwo\nthree\n", "one\nthree\n", "one\n[-two\n-]three\n"),
        ("one\nthree\n", "one\ntwo\nthree\n", "one\n{+two\n+}three\n"),
        ("River rises.\nMore rain.\n", "River rises. More rain.\n", "River rises.[-\n-]{+ +}More rain.\n"),
        ("He said so on Monday", "Snow fell there", "[-He said so on Monday-]{+Snow fell there+}"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("", "", ""),
    ],
)
def test_marked_words(old: str, new: str, shown: str) -> None:
    assert marked(old, new) == shown


def test_texts_with_little_in_common_follow_each_other() -> None:
    old = "The mayor opened the new bridge on Monday and thanked the builders, who had worked in the rain."
    new = "In the rain, a ferry sank off Cape Wrath; the crew of nine swam ashore and lit a fire."
    assert [p.op for p in diff(old, new)] == [Op.DELETE, Op.INSERT]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 50_000, "b a " * 50_000),
        ("a\n" * 100_000, "a\nb\n" * 50_000),
        (" ".join(map(str, range(30_000))), " ".join(map(str, range(30_000, 0, -1)))),
        (" ".join(f"{n} x" for n in range(20_000)), " ".join(f"x {n}" for n in range(20_000))),
        ("水位" * 100_000, "位" * 200_000),
        ("'" * 200_000, "1," * 100_000),
        ("a'" * 100_000, "a’a" * 70_000),
    ],
)
def test_hostile_texts_take_little_time(old: str, new: str) -> None:
    begin = time.process_time()
    diff(old, new)
    assert time.process_time() - begin < 3
