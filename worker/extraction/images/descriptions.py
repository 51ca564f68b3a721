"""The description of an image in its attributes and those of the link around it, which its caption often repeats."""

from __future__ import annotations

from collections.abc import Iterator

from worker.extraction.html.tree import Element
from worker.extraction.images.element_roles import markup_table
from worker.extraction.text.normalize import comparison_key

_LEAST = 15  #: letters of a description, at least
_MORE = 80  #: letters of the credit after it, at most
_LEVELS = 3  #: levels from an image up to the link around it


def is_repeated(image: Element, text: str) -> bool:
    """Return True if a text is the image's description, perhaps with a credit after it, or the whole of a cut one."""
    key: str | None = None
    for description in _descriptions(image):
        wanted = comparison_key(description)
        if len(wanted) < _LEAST:
            continue
        key = comparison_key(text) if key is None else key
        is_cut = description.rstrip().endswith(("…", "..."))
        if key.startswith(wanted) and (is_cut or len(key) <= len(wanted) + _MORE):
            return True
        if len(key) >= 2 * _LEAST and wanted.startswith(key):
            return True
    return False


def _descriptions(image: Element) -> Iterator[str]:
    for name in ("alt", "title", "aria-label", *markup_table()["caption_attributes"]):
        if value := image.get(name):
            yield value
    for around, _ in zip(image.iterancestors(), range(_LEVELS), strict=False):
        if around.tag in ("a", "figure", "button"):
            yield from filter(None, (around.get("title"), around.get("aria-label")))
