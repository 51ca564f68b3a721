"""Pictures in the story without a caption, told from icons, buttons and counters."""

from __future__ import annotations

import re

from worker.extraction.html.tree import Element, Tree
from worker.extraction.images import image_urls
from worker.extraction.images.caption_elements import CaptionElements

_SMALL = 120  #: pixels; an icon or a portrait is smaller
_LEVELS = 12  #: levels from an image up to the story
_NO_PICTURE = re.compile(
    r"\.svg\b|emoji|smil(?:ey|ies)|gravatar|avatar|(?:^|[/_.-])(?:icons?|logos?|sprite|spacer|tracking|counter|badge|"
    r"button|ads?)(?:[/_.-]|$)|doubleclick|feedburner",
    re.I,
)


def is_in_story(image: Element, elements: CaptionElements, tree: Tree) -> bool:
    """Return True if an image is a picture in the element with the story's paragraphs."""
    if elements.body is None or image.tag not in ("img", "amp-img") or _is_small(image):
        return False
    for around, _ in zip(image.iterancestors(), range(_LEVELS), strict=False):
        if around is elements.body:
            url = image_urls.image_url(image, tree)
            return url is not None and not _NO_PICTURE.search(url) and not _is_in_sentence(image)
        if around.tag in ("li", "td", "ul", "table", "h2", "h3", "h4", "aside", "button"):
            return False
    return False


def _is_small(image: Element) -> bool:
    sizes = (re.match(r"\d+", image.get(name) or "") for name in ("width", "height"))
    return any(int(size[0][:6]) < _SMALL for size in sizes if size)


def _is_in_sentence(image: Element) -> bool:
    """Return True if an image has text before and after it: it is a sign in a sentence, not a picture."""
    before, parent = image.getprevious(), image.getparent()
    text = before.tail if before is not None else parent.text if parent is not None else None
    return bool((text or "").strip() and (image.tail or "").strip())
