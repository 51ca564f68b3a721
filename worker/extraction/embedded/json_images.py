"""The images in embedded data: objects with an image's URL and a caption or a credit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from worker.extraction.embedded import json_keys
from worker.extraction.embedded.references import resolve
from worker.extraction.page_data import ImageCandidate

_IMAGE_TYPE = re.compile(r"image|photo|picture|bild|foto", re.I)
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)\b|/resizer/|/image", re.I)
_NOT_AN_IMAGE = re.compile(r"video|author|icon|logo", re.I)
_MAX_NODES = 15_000


def find_images(node: dict[str, Any], root: Any) -> Iterator[ImageCandidate]:
    """Yield every image below an article, once each, in order, without those of related articles and authors."""
    seen: set[tuple[str | None, str | None]] = set()
    stack: list[Any] = [node]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        current = resolve(stack.pop(), root)
        if isinstance(current, list):
            stack.extend(v for v in reversed(current) if isinstance(v, dict | list | str))
        elif isinstance(current, dict):
            if current is not node and _is_story(current, root):
                continue
            image = _image(current, root) if current is not node else None
            if image is None:
                stack.extend(
                    v for k, v in reversed(current.items()) if isinstance(v, dict | list) and not leads_away(k)
                )
            elif (image.url, image.caption) not in seen:
                seen.add((image.url, image.caption))
                yield image


def _is_story(node: dict[str, Any], root: Any) -> bool:
    """Return True if an object is another article: it has a headline and a date of publication of its own."""
    kind = str(node.get("type") or node.get("__typename") or node.get("_type") or "")
    if _IMAGE_TYPE.search(kind) or not json_keys.first_text(node, "headline", root):
        return False
    return any(isinstance(resolve(v, root), str | int) for v in json_keys.values(node, "published"))


def find_galleries(value: Any) -> Iterator[ImageCandidate]:
    """Yield the images of a gallery's data: lists of at least two images with URL, caption and credit."""
    stack: list[Any] = [value]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        current = stack.pop()
        if isinstance(current, dict):
            stack.extend(v for k, v in reversed(current.items()) if isinstance(v, dict | list) and not leads_away(k))
        elif isinstance(current, list):
            made = [p for v in current if isinstance(v, dict) and (p := _image(v, None)) and p.caption and p.credit]
            if len(made) > 1:
                yield from made
            else:
                stack.extend(v for v in reversed(current) if isinstance(v, dict | list))


def leads_away(key: str) -> bool:
    """Return True if a key's value is about other things than the article."""
    name = json_keys.normalize_key(key)
    return any(away in name for away in json_keys.names("away"))


def _image(node: dict[str, Any], root: Any) -> ImageCandidate | None:
    kind = str(node.get("type") or node.get("__typename") or node.get("_type") or "")
    if _NOT_AN_IMAGE.search(kind):
        return None
    urls = (resolve(v, root) for v in json_keys.values(node, "address"))
    url = next((a for a in urls if isinstance(a, str) and a), None)
    if url is None or not (_IMAGE_TYPE.search(kind) or _IMAGE_FILE.search(url)):
        return None
    caption, credit = json_keys.first_text(node, "caption", root), _credit(node, root)
    if not (caption or credit):
        return None
    return ImageCandidate(url=url, caption=caption, credit=credit, alt=json_keys.first_text(node, "alt", root))


def _credit(node: dict[str, Any], root: Any) -> str | None:
    """Return the credit as one line.

    Arc XP has an object: {"by": [{"name": ...}], "affiliation": [{"name": ...}]}.
    """
    for value in json_keys.values(node, "credit"):
        resolved = resolve(value, root)
        if isinstance(resolved, dict) and ("by" in resolved or "affiliation" in resolved):
            parts = [resolved.get(k) for k in ("by", "affiliation")]
            found = [t for p in parts for i in (p if isinstance(p, list) else []) if (t := json_keys.text(i, root))]
            resolved = "/".join(dict.fromkeys(found))
        if line := json_keys.text(resolved, root):
            return line
    return None
