"""Addresses of pictures: the real one behind a lazy loader, the largest of a set, and what two sizes of one picture
share.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from worker.reading.marks import settings
from worker.reading.tree import Element, Tree

_PLACEHOLDER = re.compile(r"placeholder|blank\.|spacer|1x1|/pixel\.|transparent\.", re.I)
_FORMAT = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)$", re.I)
_SIZE = re.compile(r"[-_](?:\d{2,4}x\d{2,4}|w?\d{3,4}|scaled|\d+x)$")


def address(image: Element, tree: Tree) -> str | None:
    """The picture's absolute address, not its placeholder's: lazy attributes first, the largest of a srcset."""
    for name in settings()["address_attributes"]:
        value = (image.get(name) or "").strip()
        if "srcset" in name and value:
            value = largest(value)
        if value and not value.startswith("data:") and not _PLACEHOLDER.search(value):
            return tree.absolute(value)
    picture = next((a for a, _ in zip(image.iterancestors(), range(4), strict=False) if a.tag == "picture"), None)
    if picture is None:
        return None
    sets = (s.get("srcset") or s.get("data-srcset") or "" for s in picture.iter("source"))
    return next((tree.absolute(largest(s)) for s in sets if s), None)


def largest(srcset: str) -> str:
    """The address with the greatest width or density of a srcset."""
    best, size = "", -1.0
    for part in re.split(r",\s+", srcset):
        place, _, width = part.strip().partition(" ")
        try:
            number = float(width.strip(" wxh") or 1)
        except ValueError:
            number = 0.0
        if place and not place.startswith("data:") and number > size:
            best, size = place, number
    return best


def stem(url: str | None) -> str:
    """What stays of an address over sizes and formats: its file's name; "" where there is none."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if inner := re.search(r"(?:^|[?&])(?:url|src|image)=([^&]+)", parts.query):
        return stem(unquote(inner[1])) or ""
    last = _FORMAT.sub("", parts.path.rstrip("/").rpartition("/")[2])
    return _SIZE.sub("", last).casefold()


def folded(text: str | None) -> str:
    """A caption as a key: letters and digits alone, the first 80."""
    return re.sub(r"\W+", "", (text or "").casefold())[:80]


def without_tags(text: str) -> str:
    return re.sub(r"<[^<>]{0,500}>", " ", text)
