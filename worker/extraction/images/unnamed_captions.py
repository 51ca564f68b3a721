"""Captions without a name: a short text in the wrapper of an image, or right after it.

The text must read like a caption with its credit or repeat the image's description (see `descriptions`), or the wrapper
must be a figure or be named like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from worker.extraction.html.tree import Element, is_longer, text_of
from worker.extraction.images import credit_line, descriptions
from worker.extraction.images.element_roles import names_of, roles_of
from worker.extraction.images.image_urls import in_noscript

_LEVELS = 5  #: levels from an image up to the element that also holds its caption
_MAX_CAPTION = 700  #: characters of a caption with its credit in a wrapper, at most
_MAX_LINE = 400  #: the same in a paragraph of its own
_NEVER = frozenset({"a", "body", "html", "main", "article", "section", "header", "nav", "aside", "footer", "ul", "ol"})
_NEVER_INSIDE = ("h1", "h2", "h3", "h4", "time", "figcaption", "iframe", "blockquote")
_PARAGRAPHS = frozenset({"p", "td", "li", "center", "font"})
_LINES = frozenset({"p", "div", "small", "em", "i", "span", "center", "font", "cite", "aside", "h5", "h6"})
_SMALL_PRINT = ("em", "i", "small", "font", "cite")


@dataclass(frozen=True, slots=True)
class _Found:
    """What is beside an image: its caption, or a text that may be one, with the structure around it."""

    caption: Element | None = None
    possible: Element | None = None
    build: tuple[str, ...] = ()


def find_all(images: Iterable[Element], article: frozenset[Element]) -> list[tuple[Element, Element]]:
    """Return images with the elements of their captions that no name tells.

    A text without a credit counts if a caption on the page has the same elements around it. `article` are the
    elements around the headline and the story; they never hold a caption.
    """
    looked_at = [(image, _find(image, article)) for image in images]
    builds = {found.build for _, found in looked_at if found.caption is not None and found.build}
    result = [(i, f.caption) for i, f in looked_at if f.caption is not None]
    result += [(i, f.possible) for i, f in looked_at if f.possible is not None and f.build in builds]
    return result


def _find(image: Element, article: frozenset[Element]) -> _Found:
    box = image
    for around, _ in zip(_wrappers(image), range(_LEVELS), strict=False):
        if around in article or around.tag in ("body", "html") or _holds_several_images(around):
            return _line_after(image, box, article)
        if not is_longer(around, 3):  # first, since most wrappers of an image hold no text
            box = around
            continue
        if is_longer(around, _MAX_CAPTION):
            return _line_after(image, box, article)
        if around.tag in _NEVER:
            return _line_after(image, box, article)
        return _in_wrapper(image, around, box)
    return _Found()


def _wrappers(image: Element) -> Iterator[Element]:
    """Yield the elements around an image; not <picture>, nor <source>, in which the parser nests what follows it."""
    return (a for a in image.iterancestors() if a.tag not in ("source", "picture"))


def _in_wrapper(image: Element, wrapper: Element, box: Element) -> _Found:
    """Return the wrapper of an image if the text in it is the image's caption."""
    if next(wrapper.iter(*_NEVER_INSIDE), None) is not None:
        return _Found()
    text = _without_buttons(wrapper)
    if wrapper.tag in _PARAGRAPHS and not _is_small_print_after(box, text):
        return _Found()
    build = (wrapper.tag, *(n.tag for n in wrapper.iter() if n.tag in _LINES))
    if credit_line.split(text)[1] is not None or descriptions.is_repeated(image, text):
        return _Found(wrapper, build=build)
    if len(text.split()) < 4 or len(text) >= _MAX_CAPTION / 2:
        return _Found()
    is_figure = wrapper.tag == "figure" or "picture" in roles_of(names_of(wrapper))
    return _Found(wrapper, build=build) if is_figure else _Found(possible=wrapper, build=build)


def _without_buttons(wrapper: Element) -> str:
    """Return the text of a wrapper without that of its buttons: "Enlarge"."""
    text = text_of(wrapper)
    for button in wrapper.iter("button"):
        if label := text_of(button):
            text = text.replace(label, " ", 1)
    return text.strip()


def _names_source(text: str, credit: str) -> bool:
    return (credit_line.is_credit(credit) and credit_line.has_label(text)) or bool(credit_line.read(credit).creators)


def _is_small_print_after(box: Element, text: str) -> bool:
    """Return True if a paragraph's text begins after its image, in an element or a line of its own."""
    if len(text) > _MAX_LINE or box.getprevious() is not None:
        return False
    following, around = box.getnext(), box.getparent()
    if around is not None and (around.text or "").strip():
        return False
    return following is not None and not (box.tail or "").strip()


def _line_after(image: Element, box: Element, article: frozenset[Element]) -> _Found:
    """Return the block right after an image if it is a caption with a credit, or the image's description, alone."""
    line = box.getnext()
    while line is not None and line.tag in _SKIPPED and not (line.tail or "").strip():
        line = line.getnext()
    if (box.tail or "").strip() or line is None or line.tag not in _LINES or is_longer(line, _MAX_LINE):
        return _Found()
    if line in article or next(line.iter("img", "amp-img", *_NEVER_INSIDE), None) is not None:
        return _Found()
    text = text_of(line)
    is_small = line.tag in _SMALL_PRINT or (
        len(line) == 1 and line[0].tag in _SMALL_PRINT and len(text_of(line[0])) > 0.9 * len(text)
    )
    build = (box.tag, line.tag, *(n.tag for n in line)) if is_small else ()
    caption, credit = credit_line.split(text)
    if (
        credit is not None
        and (caption or len(text) <= credit_line.MAX_CREDIT)
        and (is_small or _names_source(text, credit))
    ):
        return _Found(line, build=build)
    if descriptions.is_repeated(image, text):
        return _Found(line, build=build)
    return _Found(possible=line, build=build) if is_small and len(text.split()) > 3 else _Found()


_SKIPPED = frozenset({"br", "noscript", "script", "meta"})


def _holds_several_images(node: Element) -> bool:
    images = list(islice(node.iter("img", "amp-img"), 4))
    return len(images) > 1 and sum(not in_noscript(i) for i in images) > 1
