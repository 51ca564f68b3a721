"""URLs of images: the real URL behind a lazy loader, the largest image of a srcset, a key for sizes of one image."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from urllib.parse import unquote, urlsplit

from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.element_roles import markup_table
from worker.extraction.text.normalize import comparison_key

_PLACEHOLDER = re.compile(r"placeholder|blank\.|spacer|1x1|/pixel\.|transparent\.", re.I)
_FORMAT = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)$", re.I)
#: In a srcset: the width or density after a URL, and the next URL if no space separates them.
_DESCRIPTOR = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)[wxh](?:,(\S*))?$")
#: The whole value of an attribute that is the URL of an image file, perhaps with its size or further sizes.
_ADDRESS = re.compile(
    r"(?:https?:)?/?/?[^\s{}<>\"']{1,600}\.(?:jpe?g|png|webp|avif)(?:[?#/!:;][^\s{}<>\"']*)?(?:\s|$)", re.I
)
_BACKGROUND = re.compile(r"background(?:-image)?\s*:[^;]*?url\(\s*[\"']?([^)\"'\s]{4,2000})", re.I)
_KNOWN_ATTRIBUTES = frozenset({"src", "srcset", "alt", "title", "href", "class", "id", "style", "poster", "aria-label"})
_MAX_ADDRESS = 4000  #: characters of an attribute with addresses
_FEW = 12  #: elements of a figure, before its caption
_CONTENT = frozenset({"img", "amp-img", "video", "iframe", "blockquote", "table", "audio"})
_SIZE = re.compile(r"[-_](?:\d{2,4}x\d{2,4}|w?\d{3,4}|scaled|\d+x)$")


def image_url(image: Element, tree: Tree) -> str | None:
    """Return the image's absolute URL, or None.

    The addresses of lazy loaders come first, then the copy in a <noscript> element, then the image's own address. Of a
    srcset, the largest image is taken; a placeholder never.
    """
    if url := _address(image, lazy_address_attributes()) or _other_address(image):
        return tree.absolute(url)
    copy = _copy_in_noscript(image)
    own = ("srcset", "src")
    if url := (_address(copy, own) if copy is not None else None) or _address(image, own) or _source_address(image):
        return tree.absolute(url)
    return tree.absolute(background_url(image))


@cache
def lazy_address_attributes() -> tuple[str, ...]:
    """Return the attributes with an image's URL before a script has loaded it, best first."""
    return tuple(markup_table()["address_attributes"])


def _address(image: Element, names: tuple[str, ...]) -> str | None:
    for name in names:
        if value := (image.get(name) or "").strip():
            value = largest_in_srcset(value) if "srcset" in name else value
            if value and _is_real(value):
                return value
    return None


def _is_real(value: str) -> bool:
    return not value.startswith(("data:", "{", "[")) and not _PLACEHOLDER.search(value)


def _other_address(image: Element) -> str | None:
    """Return the URL of an image file in any other data attribute; sets of sizes come first."""
    attributes = ((str(name), str(value)) for name, value in image.attrib.items())
    found = [
        (name, value.strip())
        for name, value in attributes
        if name not in _KNOWN_ATTRIBUTES and len(value) < _MAX_ADDRESS and _ADDRESS.match(value.strip())
    ]
    sets = [largest_in_srcset(v) for n, v in found if n.endswith("srcset")]
    return next((v for v in (*sets, *(v.split()[0] for _, v in found)) if _is_real(v)), None)


def _copy_in_noscript(image: Element) -> Element | None:
    """Return the <img> of the nearest <noscript> after an image, before any other image."""
    around: Element | None = image
    for _ in range(2):
        if around is None:
            return None
        for sibling in islice(around.itersiblings(), 3):
            if sibling.tag == "noscript":
                return next(sibling.iter("img"), None)
            if sibling.tag in ("img", "amp-img"):
                return None
        around = around.getparent()
    return None


def _source_address(image: Element) -> str | None:
    picture = next((a for a, _ in zip(image.iterancestors(), range(4), strict=False) if a.tag == "picture"), None)
    if picture is None:
        return None
    sets = (s.get("srcset") or s.get("data-srcset") or "" for s in picture.iter("source"))
    return next((largest_in_srcset(s) for s in sets if s), None)


def background(figure: Element) -> Element | None:
    """Return the element that shows an image as its background: a figure without an <img>, or an element in it."""
    first = list(islice(figure.iter(), _FEW))
    if any(n.tag in _CONTENT for n in first):
        return None
    return next((n for n in first if n.tag in ("figure", "div", "span", "a", "i") and background_url(n)), None)


def background_url(node: Element) -> str | None:
    """Return the URL of an element's background image, from its style or the attribute of a lazy loader."""
    if (match := _BACKGROUND.search(node.get("style") or "")) and _is_real(match[1]):
        return match[1]
    if node.tag in ("img", "amp-img"):
        return None
    return _other_address(node)


def in_noscript(image: Element) -> bool:
    """Return True if the image is the copy in a <noscript> element."""
    return next(image.iterancestors("noscript"), None) is not None


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
