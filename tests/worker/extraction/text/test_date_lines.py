"""Lines of dates, divided into publication and change."""

from __future__ import annotations

import pytest

from worker.extraction.text.date_lines import has_sign, split_changed


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("5 May 2025 - Updated 6 May 2025", [("5 May 2025 - ", False), ("Updated 6 May 2025", True)]),
        ("Updated 6 May 2025, published 5 May 2025", [("Updated 6 May 2025, ", True), ("published 5 May 2025", False)]),
        ("Published and updated 5 May 2025", [("Published and updated 5 May 2025", False)]),
        ("Updated 6 May 2025", [("Updated 6 May 2025", True)]),
        ("5 May 2025", [("5 May 2025", False)]),
    ],
)
def test_parts_of_a_line(line: str, parts: list[tuple[str, bool]]) -> None:
    assert list(split_changed(line)) == parts


def test_names_of_the_element_count_where_the_text_says_nothing() -> None:
    assert list(split_changed("5 May 2025", "date-updated")) == [("5 May 2025", True)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Publicado el 5 de mayo", True),
        ("更新：5月5日", True),
        ("A public hearing on the tower, Sep. 6, 2018", False),
    ],
)
def test_signs_of_a_date(line: str, expected: bool) -> None:
    assert has_sign(line) is expected
