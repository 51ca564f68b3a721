"""Addresses of pictures: the real one behind a lazy loader, the largest of a set, and what two sizes of one picture
share.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.caption_elements import markup_table
from worker.extraction.text.normalize import comparison_key

_PLACEHOLDER = re.compile(r"placeholder|blank\.|spacer|1x1|/pixel\.|transparent\.", re.I)
_FORMAT = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)$", re.I)
#: In a srcset the width or density after an address, and the next address where no space parts them.
_DESCRIPTOR = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)[wxh](?:,(\S*))?$")
_SIZE = re.compile(r"[-_](?:\d{2,4}x\d{2,4}|w?\d{3,4}|scaled|\d+x)$")


def image_url(image: Element, tree: Tree) -> str | None:
    """The picture's absolute address, not its placeholder's: lazy attributes first, the largest of a srcset."""
    for name in markup_table()["address_attributes"]:
        value = (image.get(name) or "").strip()
        if "srcset" in name and value:
            value = largest_in_srcset(value)
        if value and not value.startswith("data:") and not _PLACEHOLDER.search(value):
            return tree.absolute(value)
    picture = next((a for a, _ in zip(image.iterancestors(), range(4), strict=False) if a.tag == "picture"), None)
    if picture is None:
        return None
    sets = (s.get("srcset") or s.get("data-srcset") or "" for s in picture.iter("source"))
    return next((tree.absolute(largest_in_srcset(s)) for s in sets if s), None)


def largest_in_srcset(srcset: str) -> str:
    """The address with the greatest width or density of a srcset; addresses in it may hold commas."""
    found: list[tuple[str, float]] = []
    for token in srcset.split():
        described = _DESCRIPTOR.match(token)
        if described is None:
            found.append((token.strip(","), 1.0))
            continue
        if found:
            found[-1] = (found[-1][0], float(described[1]))
        if described[2]:
            found.append((described[2].strip(","), 1.0))
    real = [(url, size) for url, size in found if url and not url.startswith("data:")]
    return max(real, key=lambda pair: pair[1], default=("", 0.0))[0]


def image_key(url: str | None, depth: int = 3) -> str:
    """What stays of an address over sizes and formats: its file's name; "" where there is none. Addresses in the query
    of others (of services that scale pictures) are followed `depth` times.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if depth and (inner := re.search(r"(?:^|[?&])(?:url|src|image)=([^&]+)", parts.query)):
        return image_key(unquote(inner[1]), depth - 1)
    last = _FORMAT.sub("", parts.path.rstrip("/").rpartition("/")[2])
    return _SIZE.sub("", last).casefold()


def caption_key(text: str | None) -> str:
    """A caption as a key: letters and digits alone, the first 80."""
    return comparison_key(text or "")[:80]


def without_tags(text: str) -> str:
    return re.sub(r"<[^<>]{0,500}>", " ", text)
