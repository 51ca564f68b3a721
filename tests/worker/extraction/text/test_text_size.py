"""Lengths of texts are comparable between scripts."""

from __future__ import annotations

import pytest

from worker.extraction.text import text_size


@pytest.mark.parametrize(
    ("text", "size", "words"),
    [
        ("The old clock tower opens again.", 32, 6),
        ("钟楼重新开放", 18, 4),
        ("버스 요금", 9, 2),
        ("कर दिया", 7, 2),
        ("", 0, 1),
    ],
)
def test_size_and_words(text: str, size: int, words: int) -> None:
    assert (text_size.size(text), text_size.words(text)) == (size, words)


def test_cjk_characters_are_tokens_and_vowel_signs_belong_to_words() -> None:
    assert text_size.tokens("AIが答える。") == ["AI", "が", "答", "え", "る"]
    assert text_size.tokens("सरकार ने कहा") == ["सरकार", "ने", "कहा"]
    assert text_size.tokens("Zwei Wörter") == ["Zwei", "Wörter"]


def test_words_of_scripts_without_spaces_are_estimated() -> None:
    assert text_size.words("ปิดสะพานรถไฟเก่าห้ามรถบรรทุกผ่าน") > 3
