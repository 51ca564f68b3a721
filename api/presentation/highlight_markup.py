"""Highlighted fragments for each surface. Matches stand between \\x02 and \\x03; all else came from a page."""

from __future__ import annotations

import re
from html import escape

from rich.text import Text

START, END = "\x02", "\x03"
_FOUND = re.compile(f"{START}([^{START}{END}]*){END}")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def as_html(fragment: str) -> str:
    """Escaped, but for <em> around what was found."""
    return without_controls(_FOUND.sub(r"<em>\1</em>", escape(fragment)))


def as_text(fragment: str) -> Text:
    """For the terminal: what was found is bold; nothing in it is taken for markup."""
    text = Text()
    for n, part in enumerate(_FOUND.split(fragment)):
        text.append(without_controls(part), style="bold yellow" if n % 2 else "")
    return text


def without_controls(text: str) -> str:
    """Without the characters that steer a terminal; tabs and ends of lines stay."""
    return _CONTROLS.sub("", text)
