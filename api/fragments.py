"""Highlighted fragments for each surface. Matches stand between \\x02 and \\x03; all else came from a page."""

from __future__ import annotations

from html import escape

from rich.text import Text

START, END = "\x02", "\x03"


def as_html(fragment: str) -> str:
    """Escaped, but for <em> around what was found."""
    return escape(fragment).replace(START, "<em>").replace(END, "</em>")


def as_text(fragment: str) -> Text:
    """For the terminal: what was found is bold; nothing in it is taken for markup."""
    text = Text()
    for part in fragment.split(START):
        found, end, rest = part.partition(END)
        text.append(found, style="bold yellow" if end else "")
        text.append(rest)
    return text
