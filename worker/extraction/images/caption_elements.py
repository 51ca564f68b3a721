"""The elements that hold captions and credits, and the roles that class names give to elements.

A role is a list of names in tables/markup.toml ("caption", "credit", "byline" …). Names in class, id and itemprop
match however they are joined: "photo-credit", "PhotoCredit", "story__photo_credit".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from worker.extraction import word_tables
from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Element, Tree, is_longer, text_of
from worker.extraction.images import credit_line as credits

MAX_CAPTION = 1500  #: characters


@dataclass(frozen=True, slots=True)
class CaptionElements:
    """The elements of a page that hold captions and credits, in page order.

    No element is inside another one of the same kind.
    """

    captions: Mapping[Element, int]  #: element -> its position in the page
    credits: Mapping[Element, int]
    images: Mapping[Element, int]  #: every <img>
    article: frozenset[Element]  #: elements around the headline or the paragraphs; their names say nothing of a part
    around_images: frozenset[Element]  #: images, and all elements around one
    path: Mapping[Element, Element | None]  #: from the root to the element with the paragraphs: element -> next one

    def position(self, element: Element) -> int:
        """Return the position of a caption or a credit in the page."""
        return self.captions[element] if element in self.captions else self.credits[element]

    def is_beyond(self, node: Element) -> bool:
        """Return True if an element comes after the element that holds the article's paragraphs."""
        inner = node
        for around in node.iterancestors():
            if around in self.path:
                follows = self.path[around]
                return follows is not None and around.index(inner) > around.index(follows)
            inner = around
        return False


_NEVER_CAPTIONS = frozenset({
    "img", "picture", "source", "a", "html", "body", "main", "article", "script", "style", "svg", "button", "input",
    "form", "head", "meta", "link", "video", "time", "h1", "noscript",
})  # fmt: skip
_CAPTION_ROLES = frozenset({"caption", "description", "credit", "byline_credit"})
_PIECE = re.compile(r"[A-Z]?[a-zß-ÿ]+|[A-Z]+(?![a-z])")
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)\b|lightbox|fancybox", re.I)
_NO_CAPTION_IN = ("h1", "h2", "h3", "h4", "button", "time")
_LEVELS = 5  #: levels from an image up to the element that also holds an unnamed caption
_MAX_UNNAMED_CAPTION = 700  #: characters of such a caption with its credit, at most
_NEVER_UNNAMED_CAPTION = frozenset({
    "a", "body", "html", "main", "article", "section", "header", "nav", "aside", "footer", "figure", "p", "td", "li",
    "ul",
})  # fmt: skip
_LONG = 80  #: characters that a paragraph of an article has at least


def find_caption_elements(tree: Tree) -> CaptionElements:
    """Return every caption and credit of the page, whether it belongs to the article or not."""
    captions: dict[Element, int] = {}
    credits_found: dict[Element, int] = {}
    images: dict[Element, int] = {}
    around_images, around_headings = _around(_image_elements(tree)), _around(tree.root.iter("h1"))
    has_properties = "itemprop" in tree.text
    for position, node in enumerate(tree.nodes):
        tag = node.tag
        if tag in _NEVER_CAPTIONS:
            if tag == "img":
                images[node] = position
            continue
        if tag == "figcaption":
            captions[node] = position
        elif tag in ("footer", "cite"):
            if any(a.tag == "figure" for a in node.iterancestors()) and len(text_of(node)) <= credits.MAX_CREDIT:
                credits_found[node] = position
        elif name := (names_of(node) if has_properties else node.get("class") or node.get("id")):
            roles = roles_of(name)
            if roles.isdisjoint(_CAPTION_ROLES):
                continue
            if _names_caption(node, roles, captions) and _is_close(
                node, around_images, around_headings, 4 if "caption" in roles else 3
            ):
                captions[node] = position
            elif _names_credit(node, roles, captions) or (
                _may_be_lone_credit(node, roles) and _is_close(node, around_images, around_headings, 3, more=900)
            ):
                credits_found[node] = position
    around, path = _article(tree)
    for image, position in images.items():
        if (caption := _unnamed_caption(image, around)) is not None and not _overlaps_caption(
            caption, captions, credits_found
        ):
            captions[caption] = position
    return CaptionElements(captions, credits_found, images, around, around_images, path)


def _around(nodes: Iterable[Element]) -> frozenset[Element]:
    """Return these elements and all elements around them."""
    found: set[Element] = set()
    for node in nodes:
        inner: Element | None = node
        while inner is not None and inner not in found:
            found.add(inner)
            inner = inner.getparent()
    return frozenset(found)


def is_outside_article(node: Element, tree: Tree, elements: CaptionElements) -> bool:
    """Return True if an element belongs to boilerplate or to another article.

    The elements around it decide, and the target of a link around it.
    """
    for around in (node, *node.iterancestors()):
        tag = around.tag
        if around in elements.article or tag in ("body", "html"):
            return elements.is_beyond(node)
        if tag in ("nav", "footer", "aside", "form", "noscript") or (tag == "a" and leads_away(around, tree)):
            return True
        if tag == "header" and next(around.iter("nav"), None) is not None:
            return True
        if tag not in ("article", "main", "a") and "elsewhere" in roles_of(names_of(around)):
            return True
    return False


def leads_away(link: Element, tree: Tree) -> bool:
    """Return True if a link leads to another page, except a page below this one (its gallery) or an image."""
    href = link.get("href") or ""
    if not href or href.startswith("#") or _IMAGE_FILE.search(href):
        return False
    target = tree.absolute(href)
    here = urlsplit(tree.url).path.rstrip("/")
    return target is not None and not (here and urlsplit(target).path.rstrip("/").startswith(here))


@lru_cache(maxsize=65536)
def roles_of(names: str) -> frozenset[str]:
    """Return the roles ("caption", "byline" …) that an element has by its names."""
    found = _NO_ROLES
    for name in names.split():
        found |= _roles_of_name(name)
    return found


@lru_cache(maxsize=65536)
def _roles_of_name(name: str) -> frozenset[str]:
    """Return the roles of one name.

    Its words match alone, two or three of them joined, and by the ending of the last one. Results are cached by name:
    single names recur more often than their combinations.
    """
    roles, first_words, endings = _roles_by_name()
    plain = name.replace("_", "-") if name.islower() else "-".join(_PIECE.findall(name)).lower()
    words = plain.split("-")
    if roles.keys().isdisjoint(words) and first_words.isdisjoint(words) and not plain.endswith(endings):
        return _NO_ROLES
    runs = ["".join(words[i : i + n]) for n in (2, 3) for i in range(len(words) - n + 1) if words[i] in first_words]
    names = (*words, *runs, *(e for e in endings if words[-1].endswith(e)))
    return _NO_ROLES.union(*(roles[n] for n in names if n in roles))


_NO_ROLES: frozenset[str] = frozenset()
_NOT_ROLES = ("endings", "kicker_alone", "caption_attributes", "credit_attributes", "address_attributes", "interface")


@cache
def _roles_by_name() -> tuple[Mapping[str, frozenset[str]], frozenset[str], tuple[str, ...]]:
    """Return the roles of each name, the first words of names of several words, and the endings."""
    kinds = [kind for kind in markup_table() if kind not in _NOT_ROLES]
    names = {n for kind in kinds for n in markup_table()[kind]}
    roles = {n.replace("-", ""): frozenset(kind for kind in kinds if n in markup_table()[kind]) for n in names}
    first_words = frozenset(n.partition("-")[0] for n in names if "-" in n)
    return roles, first_words, tuple(e for e in markup_table()["endings"] if e in roles)


def markup_table() -> dict[str, Any]:
    """Return tables/markup.toml."""
    return word_tables.load("markup")


def names_of(node: Element) -> str:
    """Return an element's names: its class and itemprop, or its id."""
    get = node.get
    names, property = get("class"), get("itemprop")
    if property:
        return f"{names} {property}" if names else property
    return names or get("id") or ""


def _names_caption(node: Element, roles: frozenset[str], captions: Mapping[Element, int]) -> bool:
    """Return True if the element is a caption by its names, beside or around its image.

    A wrapper of more content, or other small print, is not a caption.
    """
    is_plain = "caption" in roles
    if not (is_plain or {"description", "picture"} <= roles) or "no_caption" in roles or _within(node, captions):
        return False
    if next(node.iter("h1", "iframe", "figure", "figcaption"), None) is not None:
        return False
    return 0 < len(text_of(node)) < MAX_CAPTION and sum(1 for _ in node.iter("img")) <= 2


def _names_credit(node: Element, roles: frozenset[str], captions: Mapping[Element, int]) -> bool:
    """Return True if the element is a credit by its names and its place.

    In a caption, in a figure or right after a caption, names that bylines also have ("author") count.
    """
    if roles.isdisjoint(("credit", "byline_credit")) or not _may_hold_credit(node):
        return False
    if any(a.tag == "figure" or a in captions for a in node.iterancestors()):
        return True
    return node.getprevious() is not None and node.getprevious() in captions


def _may_be_lone_credit(node: Element, roles: frozenset[str]) -> bool:
    """Return True if the element is a credit by its names alone. Only plain names count, close to an image."""
    return "credit" in roles and _may_hold_credit(node)


def _may_hold_credit(node: Element) -> bool:
    return next(node.iter("img", "h1", "figcaption"), None) is None and 1 < len(text_of(node)) <= credits.MAX_CREDIT


def _unnamed_caption(image: Element, article: frozenset[Element]) -> Element | None:
    """Return the element around one image and a short text, if the text is its caption.

    The element's names or a credit in the text must say so.
    """
    caption, text = None, ""
    for around, _ in zip(image.iterancestors(), range(_LEVELS), strict=False):
        if (
            around in article
            or around.tag in _NEVER_UNNAMED_CAPTION
            or _holds_several_images(around)
            or is_longer(around, _MAX_UNNAMED_CAPTION)
        ):
            return None
        if len(text := text_of(around)) > 3:
            caption = around
            break
    if caption is None or next(caption.iter(*_NO_CAPTION_IN), None) is not None:
        return None
    if credits.split(text)[1] is not None:
        return caption
    return (
        caption
        if "picture" in roles_of(names_of(caption)) and len(text.split()) > 3 and len(text) < _MAX_UNNAMED_CAPTION / 2
        else None
    )


def _holds_several_images(node: Element) -> bool:
    images = list(islice(node.iter("img"), 4))
    return len(images) > 1 and sum(not in_noscript(i) for i in images) > 1


def _overlaps_caption(caption: Element, *elements: Mapping[Element, int]) -> bool:
    return any(n in m for m in elements for n in (*caption.iter(), *caption.iterancestors()))


def in_noscript(image: Element) -> bool:
    """Return True if the image is the copy in a <noscript> element."""
    return any(a.tag == "noscript" for a in image.iterancestors())


def _is_close(
    node: Element, around_images: Set[Element], around_headings: Set[Element], levels: int, more: int = 300
) -> bool:
    """Return True if the nearest element with an image around this one holds little else, and no headline."""
    before = node.getprevious()
    if before is not None and before in around_images and _holds_only_an_image(before):
        return True
    around: Element | None = node
    for _ in range(levels + 1):
        if around is None or around.tag in ("body", "article", "main"):
            return False
        if around.tag == "figure":
            return True
        if around in around_images:
            return around not in around_headings and not is_longer(around, len(text_of(node)) + more - 1)
        around = around.getparent()
    return False


def _holds_only_an_image(node: Element) -> bool:
    return not text_of(node) and node.tag != "a"


def _image_elements(tree: Tree) -> Iterator[Element]:
    """Yield images and videos, with custom elements of the site such as <brick-image-v3>."""
    own = {tag for tag in {node.tag for node in tree.nodes} if "-" in tag and _CUSTOM_IMAGE.fullmatch(tag)}
    yield from tree.root.iter("img", "picture", "amp-img", "video", *own)


_CUSTOM_IMAGE = re.compile(
    r"(?:image|photo|picture)-[a-z0-9-]+|[a-z][a-z0-9]*-[a-z0-9-]*(?:image|photo|picture)[a-z0-9-]*"
)


def _within(node: Element, elements: Mapping[Element, int]) -> bool:
    return any(a in elements for a in node.iterancestors())


def _article(tree: Tree) -> tuple[frozenset[Element], dict[Element, Element | None]]:
    """Return the elements around the headline and the main text, and the path to the element of the main text."""
    title = find_heading(tree)
    found = set(title.iterancestors()) if title is not None else set()
    path: dict[Element, Element | None] = {}
    if (best := _body(tree)) is not None:
        path[best] = None
        inner = best
        for around in best.iterancestors():
            path[around], inner = inner, around
    return frozenset(found | path.keys()), path


def _body(tree: Tree) -> Element | None:
    """Return the element around most of the text in paragraphs.

    Each paragraph counts for its parent, and slightly less for the elements around that.
    """
    weights: dict[Element, float] = {}
    for paragraph in tree.root.iter("p"):
        size = sum(map(len, paragraph.itertext()))
        if size > _LONG:
            for around, share in zip(paragraph.iterancestors(), (1.0, 0.9, 0.8), strict=False):
                weights[around] = weights.get(around, 0.0) + size * share
    return max(weights, key=lambda n: weights[n], default=None)
