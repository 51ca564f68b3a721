"""Texts of every script are measured alike."""

from __future__ import annotations

import pytest

from worker.reading import measure


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
    assert (measure.size(text), measure.words(text)) == (size, words)


def test_each_sign_is_a_token_and_marks_belong_to_words() -> None:
    assert measure.tokens("AIが答える。") == ["AI", "が", "答", "え", "る"]
    assert measure.tokens("सरकार ने कहा") == ["सरकार", "ने", "कहा"]
    assert measure.tokens("Zwei Wörter") == ["Zwei", "Wörter"]
