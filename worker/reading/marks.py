"""What the page's markup says of its parts: captions, credits, and places that lead away from the story.

Told by the names in class, id and itemprop, however they are joined ("photo-credit", "PhotoCredit", "story__photo_credit"), by the
lists of config/images.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from worker.reading.names import CONFIG
from worker.reading.tree import Element, Tree, text_of

MAX_CAPTION = 1500  #: characters


@dataclass(frozen=True, slots=True)
class Marks:
    """Elements that hold captions and credits, in page order; none lies in another of the same kind."""

    captions: Mapping[Element, None]
    credits: Mapping[Element, None]
    story: frozenset[
        Element
    ]  #: elements around the headline or the paragraphs: what these are called says nothing of a part


_NEVER = frozenset({"img", "picture", "source", "a", "html", "body", "main", "article", "script", "style", "svg", "button", "input", "form", "head", "meta", "link", "video", "time", "h1", "noscript"})  # fmt: skip
_PIECE = re.compile(r"[A-Z]?[a-zß-ÿ]+|[A-Z]+(?![a-z])")
_IMAGE_PAGE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)\b|galer|gallery|bilder|photo|image|fotos?\b|lightbox", re.I)
_LONG = 80  #: characters from which a paragraph is one of a story


def find_marks(tree: Tree) -> Marks:
    """Every caption and credit of the page, of this story or not."""
    captions: dict[Element, None] = {}
    credits: dict[Element, None] = {}
    for node in tree.nodes:
        if node.tag == "figcaption":
            captions[node] = None
        elif node.tag not in _NEVER and (label := _label(node)):
            if _names_caption(node, label, captions):
                captions[node] = None
            elif _names_credit(node, label, captions):
                credits[node] = None
    return Marks(captions, credits, _story(tree))


def is_elsewhere(node: Element, tree: Tree, marks: Marks) -> bool:
    """Whether an element belongs to furniture or to another story: by what stands around it, or by where it links."""
    for around in (node, *node.iterancestors()):
        tag = around.tag
        if around in marks.story or tag in ("body", "html"):
            return False
        if tag in ("nav", "footer", "aside", "form", "header", "noscript") or (tag == "a" and leads_away(around, tree)):
            return tag not in ("footer", "header") or around is not node
        if tag not in ("article", "main", "a") and (label := _label(around)) and says("elsewhere", label):
            return True
    return False


def leads_away(link: Element, tree: Tree) -> bool:
    """Whether a link goes to another page than this, and not to a picture or a gallery."""
    href = link.get("href") or ""
    if not href or href.startswith("#") or _IMAGE_PAGE.search(href):
        return False
    target = tree.absolute(href)
    if not target:
        return False
    here, there = urlsplit(tree.url), urlsplit(target)
    return here.path.rstrip("/") != there.path.rstrip("/")


@lru_cache(maxsize=16384)
def says(kind: str, label: str) -> bool:
    """Whether one of a list's names stands in a class or id as whole words, however they are joined."""
    names = table(kind)
    for name in label.split():
        pieces = [p.lower() for p in _PIECE.findall(name)]
        for size in (1, 2, 3):
            if any("".join(pieces[i : i + size]) in names for i in range(len(pieces) - size + 1)):
                return True
        if any(p.endswith(e) for e in table("endings") & names for p in pieces):
            return True
    return False


@cache
def table(kind: str) -> frozenset[str]:
    return frozenset(settings()[kind])


@cache
def settings() -> dict[str, Any]:
    return tomllib.loads((CONFIG / "images.toml").read_text("utf8"))


def _label(node: Element) -> str:
    parts = (node.get("class"), node.get("id"), node.get("itemprop"))
    return " ".join(p for p in parts if p)


def _names_caption(node: Element, label: str, captions: Mapping[Element, None]) -> bool:
    """A caption by its name, beside or around its picture; not a wrapper of more, nor furniture in small type."""
    is_plain = says("caption", label)
    if not (is_plain or says("description", label)) or says("no_caption", label) or _within(node, captions):
        return False
    if next(node.iter("h1", "iframe", "figure", "figcaption"), None) is not None:
        return False
    if not 0 < len(text_of(node)) < MAX_CAPTION or sum(1 for _ in node.iter("img")) > 2:
        return False
    return _is_close(node, levels=4 if is_plain else 3)


def _names_credit(node: Element, label: str, captions: Mapping[Element, None]) -> bool:
    """In a caption or a figure, names that bylines have too ("author") count; elsewhere only plain ones, close by a picture."""
    is_plain = says("credit", label)
    if not is_plain and not says("byline_credit", label):
        return False
    if next(node.iter("img", "h1", "figcaption"), None) is not None or not 1 < len(text_of(node)) <= 200:
        return False
    if any(a.tag == "figure" or a in captions for a in node.iterancestors()):
        return True
    return is_plain and _is_close(node, levels=3)


def _is_close(node: Element, levels: int) -> bool:
    """Whether the nearest element around it that holds a picture holds little else."""
    around: Element | None = node
    for _ in range(levels + 1):
        if around is None or around.tag in ("body", "article", "main"):
            return False
        if around.tag == "figure":
            return True
        if next(around.iter("img", "picture", "amp-img", "video"), None) is not None or _is_picture_element(around):
            return next(around.iter("h1"), None) is None and len(text_of(around)) < len(text_of(node)) + 300
        around = around.getparent()
    return False


def _is_picture_element(node: Element) -> bool:
    """An element of the site's own making: <brick-image-v3>."""
    return any(
        isinstance(n.tag, str) and "-" in n.tag and re.search(r"image|photo|picture", n.tag) for n in node.iter()
    )


def _within(node: Element, marks: Mapping[Element, None]) -> bool:
    return any(a in marks for a in node.iterancestors())


def _story(tree: Tree) -> frozenset[Element]:
    """What is around the headline, and around the element with most of the text in paragraphs."""
    title = next(iter(tree.root.iter("h1")), None)
    found = set(title.iterancestors()) if title is not None else set()
    weights: dict[Element, int] = {}
    for paragraph in tree.root.iter("p"):
        parent = paragraph.getparent()
        size = len("".join(map(str, paragraph.itertext()))) if parent is not None else 0
        if parent is not None and size > _LONG:
            weights[parent] = weights.get(parent, 0) + size
    best = max(weights, key=lambda n: weights[n], default=None)
    if best is not None:
        found |= {best, *best.iterancestors()}
    return frozenset(found)
