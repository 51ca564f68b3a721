"""Spelling suggestions: the checked words of a query, and the nearest known words."""

from __future__ import annotations

import pytest

from worker.search.query_parser import parse
from worker.search.spelling import KnownWord, checked_words, corrected, nearest

KNOWN = [KnownWord("flood", 9), KnownWord("floor", 5), KnownWord("blood", 20), KnownWord("observatory", 1)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("flod", "flood"),  # a missing letter
        ("flodo", "flood"),  # two swapped letters are one edit
        ("flooo", "flood"),  # of equal distance, the more frequent word
        ("fxxod", None),  # two edits in a short word
        ("obsevratori", "observatory"),  # two edits in a long word
    ],
)
def test_nearest_has_the_fewest_edits(word: str, expected: str | None) -> None:
    assert nearest(word, KNOWN) == expected


def test_words_of_exact_fields_prefixes_and_exclusions_are_not_checked() -> None:
    words = checked_words(parse("floods caption:rescue author:rossi resc* -storm ab 2026 東京").node)
    assert list(words) == ["floods", "rescue"]


def test_only_the_misspelt_words_are_replaced() -> None:
    assert corrected('caption:Flod -"flod" x', {"flod": "flood"}) == 'caption:flood -"flood" x'
    assert corrected("flood", {"flod": "flood"}) is None
