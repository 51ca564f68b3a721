"""Lines with dates of two meanings: "05.04.2025 - Updated: 06.04.2025", "Aggiornato il 6/4 - Pubblicato il 5/4"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.extraction import word_tables

_DIGIT = re.compile(r"\d")


def split_changed(text: str, label: str = "") -> Iterator[tuple[str, bool]]:
    """Yield the parts of a line, each with True if it is about a change.

    The date of the change may come second, or first if a word for the publication follows it. `label` is what the
    names of the element say.
    """
    changed = word_tables.pattern("dates", "changed").search(text)
    if changed and _DIGIT.search(text, 0, changed.start()):
        yield text[: changed.start()], False
        yield text[changed.start() :], True
    elif changed and (published := _published_after(text, changed.end())):
        yield text[:published], True
        yield text[published:], False
    else:
        is_named = word_tables.pattern("dates", "changed").search(label) is not None
        is_published = word_tables.pattern("dates", "published").search(f"{text} {label}") is not None
        yield text, (changed is not None or is_named) and not is_published


def has_sign(text: str) -> bool:
    """Return True if a text says that it is about a publication or a change."""
    return any(word_tables.pattern("dates", kind).search(text) for kind in ("published", "changed"))


def _published_after(text: str, start: int) -> int | None:
    """Return where the word for the publication is that has a date before it, from `start` on, and one after it."""
    for published in word_tables.pattern("dates", "published").finditer(text, start):
        if _DIGIT.search(text, start, published.start()) and _DIGIT.search(text, published.end()):
            return published.start()
    return None
