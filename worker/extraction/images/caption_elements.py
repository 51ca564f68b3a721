"""What the page's markup says of its parts: captions, credits, and places that lead away from the story.

Told by the names in class, id and itemprop, however they are joined ("photo-credit", "PhotoCredit",
"story__photo_credit"), by the lists of extraction/tables/markup.toml.
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
    """Elements that hold captions and credits, in page order; none lies in another of the same kind."""

    captions: Mapping[Element, int]  #: with each one's place in the page
    credits: Mapping[Element, int]
    images: Mapping[Element, int]  #: every <img>
    article: frozenset[Element]  #: around the headline or the paragraphs: what these are called says nothing of a part
    pictured: frozenset[Element]  #: pictures, and all that is around one
    path: Mapping[Element, Element | None]  #: from the root to what holds the story's paragraphs: each element's next

    def position(self, element: Element) -> int:
        """Where in the page a caption or a credit stands."""
        return self.captions[element] if element in self.captions else self.credits[element]

    def is_beyond(self, node: Element) -> bool:
        """Whether an element comes after what holds the story's paragraphs."""
        inner = node
        for around in node.iterancestors():
            if around in self.path:
                follows = self.path[around]
                return follows is not None and around.index(inner) > around.index(follows)
            inner = around
        return False


_NEVER = frozenset(
    {
        "img",
        "picture",
        "source",
        "a",
        "html",
        "body",
        "main",
        "article",
        "script",
        "style",
        "svg",
        "button",
        "input",
        "form",
        "head",
        "meta",
        "link",
        "video",
        "time",
        "h1",
        "noscript",
    }
)
_MARKING = frozenset({"caption", "description", "credit", "byline_credit"})
_PIECE = re.compile(r"[A-Z]?[a-zß-ÿ]+|[A-Z]+(?![a-z])")
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)\b|lightbox|fancybox", re.I)
_NO_CAPTION_IN = ("h1", "h2", "h3", "h4", "button", "time")
_LEVELS = 5  #: from a picture to the element that also holds an unnamed caption
_MAX_BOX = 700  #: characters of such a caption with its credit
_NO_BOX = frozenset(
    {
        "a",
        "body",
        "html",
        "main",
        "article",
        "section",
        "header",
        "nav",
        "aside",
        "footer",
        "figure",
        "p",
        "td",
        "li",
        "ul",
    }
)
_LONG = 80  #: characters from which a paragraph is one of a story


def find_caption_elements(tree: Tree) -> CaptionElements:
    """Every caption and credit of the page, of this story or not."""
    captions: dict[Element, int] = {}
    credited: dict[Element, int] = {}
    images: dict[Element, int] = {}
    pictured, headed = _around(_pictures(tree)), _around(tree.root.iter("h1"))
    has_properties = "itemprop" in tree.text
    for position, node in enumerate(tree.nodes):
        tag = node.tag
        if tag in _NEVER:
            if tag == "img":
                images[node] = position
            continue
        if tag == "figcaption":
            captions[node] = position
        elif tag in ("footer", "cite"):
            if any(a.tag == "figure" for a in node.iterancestors()) and len(text_of(node)) <= credits.MAX_CREDIT:
                credited[node] = position
        elif name := (names_of(node) if has_properties else node.get("class") or node.get("id")):
            roles = roles_of(name)
            if roles.isdisjoint(_MARKING):
                continue
            if _names_caption(node, roles, captions) and _is_close(
                node, pictured, headed, 4 if "caption" in roles else 3
            ):
                captions[node] = position
            elif _names_credit(node, roles, captions) or (
                _may_be_lone_credit(node, roles) and _is_close(node, pictured, headed, 3, more=900)
            ):
                credited[node] = position
    around, path = _article(tree)
    for image, position in images.items():
        if (box := _unnamed_caption(image, around)) is not None and not _overlaps_caption(box, captions, credited):
            captions[box] = position
    return CaptionElements(captions, credited, images, around, pictured, path)


def _around(nodes: Iterable[Element]) -> frozenset[Element]:
    """These elements and all that is around one of them."""
    found: set[Element] = set()
    for node in nodes:
        inner: Element | None = node
        while inner is not None and inner not in found:
            found.add(inner)
            inner = inner.getparent()
    return frozenset(found)


def is_outside_article(node: Element, tree: Tree, elements: CaptionElements) -> bool:
    """Whether an element belongs to furniture or to another story: by what stands around it, or by where it links."""
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
    """Whether a link goes to another page than this or its gallery, and not to a picture."""
    href = link.get("href") or ""
    if not href or href.startswith("#") or _IMAGE_FILE.search(href):
        return False
    target = tree.absolute(href)
    here = urlsplit(tree.url).path.rstrip("/")
    return target is not None and not (here and urlsplit(target).path.rstrip("/").startswith(here))


@lru_cache(maxsize=65536)
def roles_of(label: str) -> frozenset[str]:
    """The lists of which a name stands in a class or id as whole words, however they are joined."""
    found = _NOTHING
    for name in label.split():
        found |= _roles_of_name(name)
    return found


@lru_cache(maxsize=65536)
def _roles_of_name(name: str) -> frozenset[str]:
    """The same of one name, by its words: alone, two or three of them together, and by the ending of the last. Names
    repeat more than their mixtures.
    """
    lists, firsts, endings = _lists()
    plain = name.replace("_", "-") if name.islower() else "-".join(_PIECE.findall(name)).lower()
    words = plain.split("-")
    if lists.keys().isdisjoint(words) and firsts.isdisjoint(words) and not plain.endswith(endings):
        return _NOTHING
    runs = ["".join(words[i : i + n]) for n in (2, 3) for i in range(len(words) - n + 1) if words[i] in firsts]
    names = (*words, *runs, *(e for e in endings if words[-1].endswith(e)))
    return _NOTHING.union(*(lists[n] for n in names if n in lists))


_NOTHING: frozenset[str] = frozenset()
_NO_LISTS = ("endings", "kicker_alone", "caption_attributes", "credit_attributes", "address_attributes", "interface")


@cache
def _lists() -> tuple[Mapping[str, frozenset[str]], frozenset[str], tuple[str, ...]]:
    """Each name, its words run together, with its lists; the first words of names of several words; the endings."""
    kinds = [kind for kind in markup_table() if kind not in _NO_LISTS]
    names = {n for kind in kinds for n in markup_table()[kind]}
    lists = {n.replace("-", ""): frozenset(kind for kind in kinds if n in markup_table()[kind]) for n in names}
    firsts = frozenset(n.partition("-")[0] for n in names if "-" in n)
    return lists, firsts, tuple(e for e in markup_table()["endings"] if e in lists)


def markup_table() -> dict[str, Any]:
    """extraction/tables/markup.toml."""
    return word_tables.load("markup")


def names_of(node: Element) -> str:
    """What an element is called: its class and itemprop, or its id."""
    get = node.get
    named, property = get("class"), get("itemprop")
    if property:
        return f"{named} {property}" if named else property
    return named or get("id") or ""


def _names_caption(node: Element, roles: frozenset[str], captions: Mapping[Element, int]) -> bool:
    """A caption by its name, beside or around its picture; not a wrapper of more, nor furniture in small type."""
    is_plain = "caption" in roles
    if not (is_plain or {"description", "picture"} <= roles) or "no_caption" in roles or _within(node, captions):
        return False
    if next(node.iter("h1", "iframe", "figure", "figcaption"), None) is not None:
        return False
    return 0 < len(text_of(node)) < MAX_CAPTION and sum(1 for _ in node.iter("img")) <= 2


def _names_credit(node: Element, roles: frozenset[str], captions: Mapping[Element, int]) -> bool:
    """In a caption, in a figure or right after a caption, names that bylines have too ("author") count."""
    if roles.isdisjoint(("credit", "byline_credit")) or not _may_hold_credit(node):
        return False
    if any(a.tag == "figure" or a in captions for a in node.iterancestors()):
        return True
    return node.getprevious() is not None and node.getprevious() in captions


def _may_be_lone_credit(node: Element, roles: frozenset[str]) -> bool:
    """Elsewhere only plain names count, close by a picture."""
    return "credit" in roles and _may_hold_credit(node)


def _may_hold_credit(node: Element) -> bool:
    return next(node.iter("img", "h1", "figcaption"), None) is None and 1 < len(text_of(node)) <= credits.MAX_CREDIT


def _unnamed_caption(image: Element, article: frozenset[Element]) -> Element | None:
    """The element around one picture and little text, when its name or a credit in it says that the text is of it."""
    box, text = None, ""
    for around, _ in zip(image.iterancestors(), range(_LEVELS), strict=False):
        if around in article or around.tag in _NO_BOX or _holds_several(around) or is_longer(around, _MAX_BOX):
            return None
        if len(text := text_of(around)) > 3:
            box = around
            break
    if box is None or next(box.iter(*_NO_CAPTION_IN), None) is not None:
        return None
    if credits.split(text)[1] is not None:
        return box
    return box if "picture" in roles_of(names_of(box)) and len(text.split()) > 3 and len(text) < _MAX_BOX / 2 else None


def _holds_several(node: Element) -> bool:
    images = list(islice(node.iter("img"), 4))
    return len(images) > 1 and sum(not in_noscript(i) for i in images) > 1


def _overlaps_caption(box: Element, *elements: Mapping[Element, int]) -> bool:
    return any(n in m for m in elements for n in (*box.iter(), *box.iterancestors()))


def in_noscript(image: Element) -> bool:
    return any(a.tag == "noscript" for a in image.iterancestors())


def _is_close(node: Element, pictured: Set[Element], headed: Set[Element], levels: int, more: int = 300) -> bool:
    """Whether the nearest element around it that holds a picture holds little else, and no headline."""
    before = node.getprevious()
    if before is not None and before in pictured and _holds_picture_alone(before):
        return True
    around: Element | None = node
    for _ in range(levels + 1):
        if around is None or around.tag in ("body", "article", "main"):
            return False
        if around.tag == "figure":
            return True
        if around in pictured:
            return around not in headed and not is_longer(around, len(text_of(node)) + more - 1)
        around = around.getparent()
    return False


def _holds_picture_alone(node: Element) -> bool:
    return not text_of(node) and node.tag != "a"


def _pictures(tree: Tree) -> Iterator[Element]:
    """Pictures and films, also elements of the site's own making: <brick-image-v3>."""
    own = {tag for tag in {node.tag for node in tree.nodes} if "-" in tag and _OWN_IMAGE.fullmatch(tag)}
    yield from tree.root.iter("img", "picture", "amp-img", "video", *own)


_OWN_IMAGE = re.compile(
    r"(?:image|photo|picture)-[a-z0-9-]+|[a-z][a-z0-9]*-[a-z0-9-]*(?:image|photo|picture)[a-z0-9-]*"
)


def _within(node: Element, elements: Mapping[Element, int]) -> bool:
    return any(a in elements for a in node.iterancestors())


def _article(tree: Tree) -> tuple[frozenset[Element], dict[Element, Element | None]]:
    """What is around the headline and the element with most of the text in paragraphs; and the path to that element."""
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
    """The element around most of the text in paragraphs: each counts for its parent, and a little less for what is
    around that.
    """
    weights: dict[Element, float] = {}
    for paragraph in tree.root.iter("p"):
        size = sum(map(len, paragraph.itertext()))
        if size > _LONG:
            for around, share in zip(paragraph.iterancestors(), (1.0, 0.9, 0.8), strict=False):
                weights[around] = weights.get(around, 0.0) + size * share
    return max(weights, key=lambda n: weights[n], default=None)
