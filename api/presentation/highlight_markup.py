r"""Markup of highlighted fragments for HTML and for the terminal.

A match is between \x02 and \x03. All other text comes from a crawled page.
"""

from __future__ import annotations

import re
from html import escape

from rich.text import Text

START, END = "\x02", "\x03"
_MATCH = re.compile(f"{START}([^{START}{END}]*){END}")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def as_html(fragment: str) -> str:
    """Return safe HTML: everything is escaped except <em> around matches."""
    return without_controls(_MATCH.sub(r"<em>\1</em>", escape(fragment)))


def as_text(fragment: str) -> Text:
    """Return text for the terminal, with bold matches. The fragment is not read as markup."""
    text = Text()
    for n, part in enumerate(_MATCH.split(fragment)):
        text.append(without_controls(part), style="bold yellow" if n % 2 else "")
    return text


def without_controls(text: str) -> str:
    """Return the text without control characters, which could steer a terminal; tabs and newlines are kept."""
    return _CONTROLS.sub("", text)
