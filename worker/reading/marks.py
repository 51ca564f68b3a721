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
    """Elements that hold captions and credits, in page order; none of `captions` lies in another."""

    captions: Mapping[Element, None]
    credits: Mapping[Element, None]


_NEVER = frozenset({"img", "picture", "source", "a", "html", "body", "main", "article", "script", "style", "svg", "button", "input", "form", "head", "meta", "link", "video", "figure", "time", "h1"})  # fmt: skip
_PIECE = re.compile(r"[A-Z]?[a-zß-ÿ]+|[A-Z]+(?![a-z])")
_IMAGE_PAGE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)\b|galer|gallery|bilder|photo|image|fotos?\b|lightbox", re.I)


def find_marks(tree: Tree) -> Marks:
    """Every caption and credit of the page, of this story or not."""
    captions: dict[Element, None] = {}
    credits: dict[Element, None] = {}
    for node in tree.nodes:
        if node.tag == "figcaption":
            captions[node] = None
            continue
        label = _label(node)
        if not label or node.tag in _NEVER:
            continue
        if says("caption", label) and not says("no_caption", label):
            if _is_caption(node) and not _within(node, captions):
                captions[node] = None
        elif (says("credit", label) or says("byline_credit", label)) and _is_credit(node, captions, label):
            credits[node] = None
    return Marks(captions, credits)


def is_elsewhere(node: Element, tree: Tree) -> bool:
    """Whether an element belongs to furniture or to another story: by what stands around it, or by where it links."""
    for around in (node, *node.iterancestors()):
        tag = around.tag
        if tag in ("body", "html", "main"):
            return False
        if tag in ("nav", "footer", "aside", "form"):
            return True
        if tag == "a":
            if _leads_to_story(around, tree):
                return True
        elif tag != "article" and (label := _label(around)) and says("elsewhere", label):
            return True
    return False


@lru_cache(maxsize=16384)
def says(kind: str, label: str) -> bool:
    """Whether one of a list's names stands in a class or id as whole words, however they are joined."""
    names = table(kind)
    for name in label.split():
        pieces = [p.lower() for p in _PIECE.findall(name)]
        for size in (1, 2, 3):
            if any("".join(pieces[i : i + size]) in names for i in range(len(pieces) - size + 1)):
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


def _is_caption(node: Element) -> bool:
    """A caption, not a wrapper of pictures or of the story."""
    if next(node.iter("img", "h1", "video", "iframe"), None) is not None:
        return False
    return sum(1 for _ in node.iter("p")) < 4 and 0 < len(text_of(node)) < MAX_CAPTION


def _is_credit(node: Element, captions: Mapping[Element, None], label: str) -> bool:
    """In a caption or a figure; names that bylines have too ("author") count nowhere else. Others: close by a picture."""
    if next(node.iter("img", "h1", "figcaption"), None) is not None or not 1 < len(text_of(node)) <= 200:
        return False
    around: Element | None = node
    for level in range(5):
        around = around.getparent() if around is not None else None
        if around is None or around.tag in ("body", "article", "main"):
            return False
        if around.tag == "figure" or around in captions:
            return True
        if level < 3 and says("credit", label) and next(around.iter("img"), None) is not None:
            return next(around.iter("h1"), None) is None and len(text_of(around)) < MAX_CAPTION
    return False


def _within(node: Element, marks: Mapping[Element, None]) -> bool:
    return any(a in marks for a in node.iterancestors())


def _leads_to_story(link: Element, tree: Tree) -> bool:
    """To another page than this, and not to a picture or a gallery."""
    href = link.get("href") or ""
    if not href or href.startswith("#") or _IMAGE_PAGE.search(href):
        return False
    target = tree.absolute(href)
    if not target:
        return False
    here, there = urlsplit(tree.url), urlsplit(target)
    return here.path.rstrip("/") != there.path.rstrip("/")
