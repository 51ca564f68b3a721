"""Separation of a caption's text from its credit.

The credit may have an element of its own, named ("image-credit") or not: a <cite>, a <footer> of the figure, or the
last piece of the caption, if it reads like a credit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from worker.extraction.fields import byline_words
from worker.extraction.html.tree import Element, text_of
from worker.extraction.images import credit_line
from worker.extraction.images.caption_elements import CaptionElements
from worker.extraction.images.element_roles import markup_table
from worker.extraction.text.normalize import fold
from worker.extraction.text.person_names import is_person

_CREDIT_TAGS = frozenset({"cite", "small", "footer"})
_HIDDEN = frozenset({"button", "script", "style", "noscript", "svg", "template"})
#: "1 / 14", "1 of 14"; not "10 of 14 boats sank": a capital must follow a counter.
_COUNTER = re.compile(r"^(?:\d+\s*/\s*(?:\d+\s+)?|\d+\s+(?i:of|von|de|di|sur|van|af|av)\s+\d+\s+)(?=[^\Wa-zß-ÿ])")
_MAX_TRAILING_CREDIT = 90  #: characters of a credit without a name or label


def split_caption(
    captions: list[Element], lone: list[Element], elements: CaptionElements
) -> tuple[str | None, str | None]:
    """Return the caption and the credit line of the elements that belong to one image.

    `lone` are credits outside the captions.
    """
    pieces = [p for c in captions for p in _pieces(c, elements)]
    named = [text for text, is_credit in pieces if is_credit]
    plain = [text for text, is_credit in pieces if not is_credit]
    credit = _first_credit([*named, *map(text_of, lone)])
    if credit is None and len(plain) > 1 and _is_trailing_credit(plain[-1], plain[-2]):
        credit = plain.pop()
    elif credit is None and len(plain) > 1 and credit_line.is_credit(plain[0]):
        credit = plain.pop(0)
    caption = _tidy(fold(" ".join(dict.fromkeys(plain))))
    if credit and not caption and len(credit.split()) > 5 and not credit_line.is_credit(credit):
        caption, credit = credit, None  # the element is named as a credit but contains a sentence
    if credit == caption and not credit_line.is_credit(caption):
        credit = None
    return (caption or None) if not is_byline(caption) else None, credit


def _tidy(caption: str) -> str:
    """Return the caption without a gallery's counter before it and without a credit label at its end."""
    caption = _COUNTER.sub("", caption)
    caption = (
        re.sub(r"\s*(?:foto|photo|bild|image|credit)s?\s*:?\s*$", "", caption, flags=re.I)
        if caption.endswith(":")
        else caption
    )
    return caption.strip(" |/–—-") if not _is_interface(caption) else ""


def _is_interface(text: str) -> bool:
    """Return True if the text belongs to the page's interface: "Slideshow (15 images)", "Facebook Twitter Reddit"."""
    folded = text.casefold()
    if any(folded.startswith(w) for w in markup_table()["interface"]):
        return True
    return sum(w in folded for w in ("facebook", "twitter", "pinterest", "linkedin", "whatsapp", "reddit")) > 1


def is_byline(text: str) -> bool:
    """Return True for a byline in small type by a portrait: "Von Eileen Wagner 10.09.2025, 09:53 Uhr"."""
    name = byline_words.without_opener(text)
    if (name == text and not byline_words.is_opener(text)) or len(text) > 100:
        return False
    tokens = name.split()
    return name == text or any(is_person(" ".join(tokens[:n]).strip(",")) for n in (2, 3, 4))


def _first_credit(texts: Iterable[str]) -> str | None:
    """Return one line of the texts that are named as credits.

    Pieces such as "Tous droits réservés" and "Euronews" belong together.
    """
    lines = [t for t in dict.fromkeys(fold(t) for t in texts) if 1 < len(t) <= credit_line.MAX_CREDIT]
    kept = [t for t in lines if not any(t != o and t in o for o in lines)]
    whole = " ".join(kept)
    return (whole if len(whole) <= _MAX_TRAILING_CREDIT + 30 else kept[0]) if kept else None


def _is_trailing_credit(text: str, before: str) -> bool:
    """Return True if the last piece of a caption is its credit.

    It reads like one, or is a name after the end of a sentence.
    """
    text = text.strip(" |/–—-")
    if not 1 < len(text) <= _MAX_TRAILING_CREDIT:
        return False
    if credit_line.is_credit(text) or is_person(text):
        return True
    return (
        before.rstrip()[-1:] in '.!?…”"»' and len(text.split()) <= 5 and text[:1].isupper() and text[-1] not in ".!?:"
    )


def _pieces(caption: Element, elements: CaptionElements) -> list[tuple[str, bool]]:
    """Return the caption's runs of text in order, each with True if its element is a credit.

    Formatting inside a sentence does not end a run: the run continues after a link or emphasis if text follows.
    """
    found: list[tuple[str, bool]] = []
    _collect(caption, elements, found, is_credit=caption in elements.credits, depth=0)
    return [(text, flag) for raw, flag in found if (text := fold(raw))]


def _collect(
    node: Element, elements: CaptionElements, found: list[tuple[str, bool]], *, is_credit: bool, depth: int
) -> None:
    if node.tag in _HIDDEN or node.get("hidden") is not None or depth > 40:
        return
    if node.text:
        found.append((node.text, is_credit))
    for child in node:
        named = child in elements.credits or child.tag in _CREDIT_TAGS
        if child.tag in _INLINE and not named and child.tail and child.tail.strip() and found:
            found[-1] = (found[-1][0] + text_of(child) + child.tail, found[-1][1])
            continue
        if child.tag not in ("br", "wbr"):
            _collect(child, elements, found, is_credit=is_credit or named, depth=depth + 1)
        if child.tail:
            found.append((child.tail, is_credit))


_INLINE = frozenset({"a", "b", "i", "em", "strong", "sup", "sub", "abbr", "u", "mark", "q", "font"})
