"""Normal forms of text: folded white space, and keys that compare texts by letters and digits alone."""

from __future__ import annotations

import re
from functools import lru_cache

_INVISIBLE = (
    "\u200b", "\u2060", "\xad", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\ufeff",
)  # fmt: skip
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Return the text with single spaces, trimmed, and without soft hyphens and other invisible characters."""
    folded = " ".join(text.split())
    if folded.isascii() or folded.isprintable():  # a printable text has no invisible characters
        return folded
    for invisible in _INVISIBLE:
        folded = folded.replace(invisible, "")
    return " ".join(folded.split())


def comparison_key(text: str) -> str:
    """Return the letters and digits of a text in lower case: two copies of a text have the same key."""
    return "".join(_WORD.findall(text.casefold()))


@lru_cache(maxsize=16384)
def name_key(name: str) -> str:
    """Return `comparison_key` of a name or a headline. The results are cached, since few names recur often."""
    return comparison_key(name)
