"""The elements that hold captions and credits.

They are <figcaption>s, elements with such a role (see `element_roles`), and short texts beside an image that read like
a caption with its credit (see `unnamed_captions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from urllib.parse import urlsplit

from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Element, Tree, is_longer, text_of
from worker.extraction.images import credit_line as credits
from worker.extraction.images import unnamed_captions
from worker.extraction.images.element_roles import names_of, roles_of
from worker.extraction.images.image_urls import background, in_noscript

MAX_CAPTION = 1500  #: characters


@dataclass(frozen=True, slots=True)
class CaptionElements:
    """The elements of a page that hold captions and credits, in page order.

    No element is inside another one of the same kind.
    """

    captions: Mapping[Element, int]  #: element -> its position in the page
    credits: Mapping[Element, int]
    images: Mapping[Element, int]  #: every image that is shown, also as the background of a figure
    article: frozenset[Element]  #: elements around the headline or the paragraphs; their names say nothing of a part
    around_images: frozenset[Element]  #: images, and all elements around one
    beyond: frozenset[Element]  #: elements that come after the one with the article's paragraphs; not those in them
    body: Element | None  #: the element with the article's paragraphs

    def position(self, element: Element) -> int:
        """Return the position of a caption or a credit in the page."""
        return self.captions[element] if element in self.captions else self.credits[element]

    def is_beyond(self, node: Element) -> bool:
        """Return True if an element comes after the element that holds the article's paragraphs."""
        return bool(self.beyond) and (node in self.beyond or any(a in self.beyond for a in node.iterancestors()))


_NEVER_CAPTIONS = frozenset({
    "img", "picture", "source", "a", "html", "body", "main", "article", "script", "style", "svg", "button", "input",
    "form", "head", "meta", "link", "video", "time", "h1", "noscript", "amp-img",
})  # fmt: skip
_CAPTION_ROLES = frozenset({"caption", "description", "credit", "byline_credit"})
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)\b|lightbox|fancybox", re.I)
_LONG = 80  #: characters that a paragraph of an article has at least


def find_caption_elements(tree: Tree) -> CaptionElements:
    """Return every caption and credit of the page, whether it belongs to the article or not."""
    captions: dict[Element, int] = {}
    credits_found: dict[Element, int] = {}
    images: dict[Element, int] = {}
    backgrounds = {b for f in tree.root.iter("figure") if (b := background(f)) is not None}
    custom = _custom_images(tree)
    around_images = _around([*tree.root.iter("img", "picture", "amp-img", "video"), *custom, *backgrounds])
    around_headings = _around(tree.root.iter("h1"))
    has_properties = "itemprop" in tree.text
    for position, node in enumerate(tree.nodes):
        tag = node.tag
        if node in backgrounds:
            images[node] = position
        if tag in _NEVER_CAPTIONS:
            if (tag == "img" and not in_noscript(node)) or tag == "amp-img":
                images[node] = position
            continue
        if tag == "figcaption":
            captions[node] = position
        elif tag in ("footer", "cite"):
            if next(node.iterancestors("figure"), None) is not None and len(text_of(node)) <= credits.MAX_CREDIT:
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
    return _completed(tree, captions, credits_found, images, around_images, custom)


def _completed(
    tree: Tree,
    captions: dict[Element, int],
    credits_found: dict[Element, int],
    images: dict[Element, int],
    around_images: frozenset[Element],
    custom: list[Element],
) -> CaptionElements:
    """Return the named elements with the captions that no name tells, without credits that hold a caption."""
    images = {i: p for i, p in images.items() if not in_noscript(i)}
    around, beyond, body = _article(tree)
    for wrapper in (w for c in captions for w in c.iterancestors()):
        credits_found.pop(wrapper, None)  # an element around a caption is a wrapper, whatever its name
    lone = [c for c in custom if next(c.iter("img", "amp-img"), None) is None]
    positions = {n: p for p, n in enumerate(tree.nodes) if n in lone} if lone else {}
    _add_unnamed({**images, **positions}, around, captions, credits_found)
    return CaptionElements(captions, credits_found, images, around, around_images, beyond, body)


def _add_unnamed(
    images: Mapping[Element, int],
    article: frozenset[Element],
    captions: dict[Element, int],
    credits_found: Mapping[Element, int],
) -> None:
    found = unnamed_captions.find_all(images, article)
    for image, element in found:
        if not _overlaps_caption(element, captions, credits_found):
            captions[element] = images[image]


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


def _overlaps_caption(caption: Element, *elements: Mapping[Element, int]) -> bool:
    return any(n in m for m in elements for n in (*caption.iter(), *caption.iterancestors()))


def _is_close(
    node: Element, around_images: Set[Element], around_headings: Set[Element], levels: int, more: int = 300
) -> bool:
    """Return True if the nearest element with an image around this one holds little else, and no headline."""
    before = _before(node)
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


def _before(node: Element) -> Element | None:
    """Return the element right before another one, or before the wrappers that begin with it."""
    inner = node
    for around, _ in zip(node.iterancestors(), range(3), strict=False):
        if inner.getprevious() is not None or (around.text or "").strip():
            break
        inner = around
    return inner.getprevious()


def _holds_only_an_image(node: Element) -> bool:
    return not text_of(node) and node.tag != "a"


def _custom_images(tree: Tree) -> list[Element]:
    """Return the images that are custom elements of the site such as <brick-image-v3>."""
    own = {tag for tag in {node.tag for node in tree.nodes} if "-" in tag and _CUSTOM_IMAGE.fullmatch(tag)}
    return list(tree.root.iter(*own)) if own else []


_CUSTOM_IMAGE = re.compile(
    r"(?:image|photo|picture)-[a-z0-9-]+|[a-z][a-z0-9]*-[a-z0-9-]*(?:image|photo|picture)[a-z0-9-]*"
)


def _within(node: Element, elements: Mapping[Element, int]) -> bool:
    return any(a in elements for a in node.iterancestors())


def _article(tree: Tree) -> tuple[frozenset[Element], frozenset[Element], Element | None]:
    """Return the elements around the headline and the main text, those after the main text, and its own element."""
    title = find_heading(tree)
    found = {title, *title.iterancestors()} if title is not None else set()
    beyond: set[Element] = set()
    if (body := _body(tree)) is not None:
        for around in (body, *body.iterancestors()):
            found.add(around)
            beyond.update(around.itersiblings())
    return frozenset(found), frozenset(beyond), body


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
