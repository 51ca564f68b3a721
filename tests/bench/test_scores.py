"""The F1 of a single page, by its gold body or its snippets."""

from __future__ import annotations

from typing import Any

import pytest

from bench.scores import page_f1

GOLD = "The goat slept in the car wash. Nobody woke it before noon."


@pytest.mark.parametrize(
    ("row", "body", "expected"),
    [
        ({"bodies": [GOLD]}, GOLD, 1.0),
        ({"bodies": ["Another story of ten words about a dog in town.", GOLD]}, GOLD, 1.0),
        ({"bodies": [GOLD]}, "", 0.0),
        ({"bodies": [""]}, "", 1.0),
        ({"bodies": [""]}, GOLD, 0.0),
        ({"with_": ["car  wash", "noon"], "without": ["dog"]}, GOLD, 1.0),
        ({"with_": ["car wash", "midnight"], "without": ["woke"]}, GOLD, 0.5),
        ({"title": "Goat"}, GOLD, None),
    ],
)
def test_page_f1(row: dict[str, Any], body: str, expected: float | None) -> None:
    assert page_f1(row, body) == expected
