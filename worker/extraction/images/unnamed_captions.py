"""Captions without a name: a short text in the wrapper of an image, or right after it.

The text must read like a caption with its credit, or the wrapper must be a figure or be named like one.
"""

from __future__ import annotations

from itertools import islice

from worker.extraction.html.tree import Element, is_longer, text_of
from worker.extraction.images import credit_line
from worker.extraction.images.element_roles import names_of, roles_of
from worker.extraction.images.image_urls import in_noscript

_LEVELS = 5  #: levels from an image up to the element that also holds its caption
_MAX_CAPTION = 700  #: characters of a caption with its credit in a wrapper, at most
_MAX_LINE = 400  #: the same in a paragraph of its own
_NEVER = frozenset({"a", "body", "html", "main", "article", "section", "header", "nav", "aside", "footer", "ul", "ol"})
_NEVER_INSIDE = ("h1", "h2", "h3", "h4", "button", "time", "figcaption", "iframe", "blockquote")
_PARAGRAPHS = frozenset({"p", "td", "li", "center", "font"})
_LINES = frozenset({"p", "div", "small", "em", "i", "span", "center", "font", "cite", "aside", "h5", "h6"})
_SMALL_PRINT = ("em", "i", "small", "font", "cite")


def find(image: Element, article: frozenset[Element]) -> Element | None:
    """Return the element with an image's caption that no name tells, or None.

    `article` are the elements around the headline and the story; they never hold a caption.
    """
    box = image
    for around, _ in zip(image.iterancestors(), range(_LEVELS), strict=False):
        if around in article or around.tag in ("body", "html") or _holds_several_images(around):
            return _line_after(box)
        if is_longer(around, _MAX_CAPTION):
            return _line_after(box)
        if not is_longer(around, 3):
            box = around
            continue
        if around.tag in _NEVER:
            return _line_after(box)
        return around if _is_captioned(around, box) else None
    return None


def _is_captioned(wrapper: Element, box: Element) -> bool:
    """Return True if the text beside an image in its wrapper is the image's caption."""
    if next(wrapper.iter(*_NEVER_INSIDE), None) is not None:
        return False
    text = text_of(wrapper)
    if wrapper.tag in _PARAGRAPHS and not _is_small_print_after(box, text):
        return False
    if credit_line.split(text)[1] is not None:
        return True
    is_figure = wrapper.tag == "figure" or "picture" in roles_of(names_of(wrapper))
    return is_figure and len(text.split()) > 3 and len(text) < _MAX_CAPTION / 2


def _is_small_print_after(box: Element, text: str) -> bool:
    """Return True if a paragraph's text begins after its image, in an element or a line of its own."""
    if len(text) > _MAX_LINE or box.getprevious() is not None:
        return False
    following, around = box.getnext(), box.getparent()
    if around is not None and (around.text or "").strip():
        return False
    return following is not None and not (box.tail or "").strip()


def _line_after(box: Element) -> Element | None:
    """Return the block right after an image if it is a caption with a credit and nothing else."""
    line = box.getnext()
    while line is not None and line.tag in ("br", "noscript", "script", "meta") and not (line.tail or "").strip():
        line = line.getnext()
    if (box.tail or "").strip() or line is None or line.tag not in _LINES or is_longer(line, _MAX_LINE):
        return None
    if next(line.iter("img", "amp-img", *_NEVER_INSIDE), None) is not None:
        return None
    text = text_of(line)
    caption, credit = credit_line.split(text)
    if credit is None or (not caption and len(text) > credit_line.MAX_CREDIT):
        return None
    is_small = len(line) == 1 and line[0].tag in _SMALL_PRINT and len(text_of(line[0])) > 0.9 * len(text)
    if is_small or line.tag in _SMALL_PRINT or (credit_line.is_credit(credit) and credit_line.has_label(text)):
        return line
    return line if credit_line.read(credit).creators else None


def _holds_several_images(node: Element) -> bool:
    images = list(islice(node.iter("img", "amp-img"), 4))
    return len(images) > 1 and sum(not in_noscript(i) for i in images) > 1
