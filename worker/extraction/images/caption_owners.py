"""The image that a caption belongs to: the one in its figure or wrapper, or the nearest one in the story."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice

from worker.extraction.html.tree import Element
from worker.extraction.images.caption_elements import CaptionElements

_LEVELS_UP = 5  #: levels from a caption up to the element that also holds its image
_NEAR = 12  #: elements between an image and its caption, at most, where they share no wrapper


def find(elements: CaptionElements) -> dict[Element, list[Element]]:
    """Return captions and credits by their owner: a <figure>, the nearest element with an image, or an image.

    An element that holds the story, or figures of other images, owns no caption: the image before the caption does.
    """
    images = sorted(elements.images.items(), key=lambda pair: pair[1])
    nodes, positions = [i for i, _ in images], [p for _, p in images]
    owners: dict[Element, list[Element]] = {}
    for element in (*elements.captions, *elements.credits):
        owner = _holder(element, elements)
        if owner in elements.article or _holds_figure(owner, element) or not _holds_image(owner, elements):
            nearest = _nearest_image(elements.position(element), nodes, positions)
            owner = owner if nearest is None else nearest
        owners.setdefault(owner, []).append(element)
    return owners


def _holder(element: Element, elements: CaptionElements) -> Element:
    around: Element | None = element
    last = element
    for _ in range(_LEVELS_UP):
        if around is None or around.tag in ("body", "html", "article", "main"):
            break
        if around.tag == "figure" or around in elements.around_images:
            return around
        last, around = around, around.getparent()
    return last


def _holds_image(owner: Element, elements: CaptionElements) -> bool:
    return owner.tag == "figure" or owner in elements.around_images


def _holds_figure(owner: Element, element: Element) -> bool:
    """Return True if the owner holds figures with captions of their own beside the caption."""
    if owner is element or owner.tag == "figure":
        return False
    return sum(1 for _ in islice(owner.iter("figcaption"), 2)) - (element.tag == "figcaption") > 0


def _nearest_image(position: int, images: list[Element], positions: list[int]) -> Element | None:
    """Return the image right before a caption, or else the one right after it, if it is in no <figure>."""
    place = bisect_right(positions, position)
    for number, distance in ((place - 1, -1), (place, 1)):
        if 0 <= number < len(images) and 0 <= (positions[number] - position) * distance <= _NEAR:
            return images[number]
    return None
