"""URLs of images: the real URL behind a lazy loader, the largest image of a srcset, a key for sizes of one image."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.caption_elements import markup_table
from worker.extraction.text.normalize import comparison_key

_PLACEHOLDER = re.compile(r"placeholder|blank\.|spacer|1x1|/pixel\.|transparent\.", re.I)
_FORMAT = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)$", re.I)
#: In a srcset: the width or density after a URL, and the next URL if no space separates them.
_DESCRIPTOR = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)[wxh](?:,(\S*))?$")
_SIZE = re.compile(r"[-_](?:\d{2,4}x\d{2,4}|w?\d{3,4}|scaled|\d+x)$")


def image_url(image: Element, tree: Tree) -> str | None:
    """Return the image's absolute URL, or None.

    Attributes of lazy loaders come before a placeholder's URL, and the largest image of a srcset is taken.
    """
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
    """Return the URL with the greatest width or density of a srcset. URLs in it may contain commas."""
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
    """Return the part of a URL that sizes and formats of an image share: its file name; "" if it has none.

    Services that scale images have the image's URL in their query; such URLs are followed up to `depth` times.
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
    """Return a caption as a key: letters and digits alone, the first 80."""
    return comparison_key(text or "")[:80]


def without_tags(text: str) -> str:
    """Return the text with HTML tags replaced by spaces."""
    return re.sub(r"<[^<>]{0,500}>", " ", text)
