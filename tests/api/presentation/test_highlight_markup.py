"""Markup of fragments with control characters and unbalanced marks."""

from __future__ import annotations

import pytest

from api.presentation.highlight_markup import as_html, as_text


@pytest.mark.parametrize(
    ("fragment", "html", "text"),
    [
        ("a \x02flood\x03 & more", "a <em>flood</em> &amp; more", "a flood & more"),
        ("\x02flood\x03s \x02storm\x03", "<em>flood</em>s <em>storm</em>", "floods storm"),
        ("hits \x02the harbour", "hits the harbour", "hits the harbour"),
        ("\x02a \x02flood\x03 \x03b", "a <em>flood</em> b", "a flood b"),
        ("\x1b[31mred\x9b2J\tand\n\x7fblue", "[31mred2J\tand\nblue", "[31mred2J\tand\nblue"),
    ],
)
def test_markup_is_balanced_and_has_no_control_characters(fragment: str, html: str, text: str) -> None:
    assert as_html(fragment) == html
    assert as_text(fragment).plain == text


def test_only_matches_are_bold() -> None:
    shown = as_text("a \x02flood\x03 and \x02more")
    assert [(shown.plain[s.start : s.end], str(s.style)) for s in shown.spans] == [("flood", "bold yellow")]
