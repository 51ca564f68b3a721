"""Patterns of the labels and openers before a credit, by tables/credits.toml: "Foto:", "Photo by", "FOTO/"."""

from __future__ import annotations

import re
from functools import cache

from worker.extraction.text.person_names import words


@cache
def _alternatives(kind: str) -> str:
    return "|".join(re.escape(w) for w in sorted(words(kind), key=len, reverse=True))


@cache
def label_prefix() -> re.Pattern[str]:
    """Return the pattern of a label or an opener at the beginning of a line."""
    return re.compile(
        rf"^\W*?(?:(?:{_alternatives('labels')})\s*(?:[:：=＝]|\.{{3}}|…)\s*|(?:{_alternatives('openers')})\s+(?=\S)|(?:{_alternatives('labels')})\s+(?=©))",
        re.I,
    )


@cache
def slash_label() -> re.Pattern[str]:
    """Return the pattern of a label with a slash: "FOTO/Nils Korri", "写真／山田太郎"."""
    return re.compile(rf"^(?:{_alternatives('labels')})\s?[/／]\s?(?=\S)", re.I)


@cache
def label_inside() -> re.Pattern[str]:
    """Return the pattern of a label or an opener that begins a credit inside a text.

    It follows a sentence, a bracket, a dash or a line break.
    """
    labels, openers = _alternatives("labels"), _alternatives("openers")
    return re.compile(
        rf"(?:^|(?<=[.!?…”\"»’')\]])\s*|\s*[(\[（|–—•·\n/-]\s*|\s+(?=[^\W\d_a-zß-ÿ]))(?i:(?:{labels})\s*(?:[:：=＝]|\.{{3}}|…)|(?:{openers})\s)\s*"
    )
