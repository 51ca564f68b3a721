"""The page as a sequence of text blocks: a paragraph, a heading, a list item, a caption, a run between two breaks.

One walk over the tree, without recursion, since hostile pages nest without end. Each block knows the places that it
stands in (its element and that one's ancestors), which is what scoring goes by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from worker.reading.tree import INLINE, UNSEEN, Element, Tree, fold

#: Controls: their labels are never the story's text.
CONTROLS = frozenset({"button", "select", "option", "textarea", "input", "audio", "video", "canvas", "map", "datalist"})

SENTENCE_END = re.compile(r"[.!?…।。]['\"”’»)\]“]*$")

_NAMING = ("class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label")

#: More blocks than any story has. What stands behind is not read.
MAX_BLOCKS = 20_000


@dataclass(slots=True, eq=False)
class Place:
    """An element that is not inline, as context of the blocks in it."""

    node: Element
    parent: Place | None
    tag: str
    depth: int
    names: str  #: class, id, role and the like of the element, lower case
    order: int  #: position in the walk


@dataclass(slots=True, eq=False)
class Block:
    """A run of text without a block boundary in it."""

    index: int
    text: str  #: folded
    place: Place
    link_chars: int = 0  #: characters that stand in links
    strong_chars: int = 0  #: characters in b and strong
    links: int = 0
    nodes: list[Element] = field(default_factory=list)  #: inline elements that begin in it

    @property
    def node(self) -> Element:
        return self.place.node

    @property
    def tag(self) -> str:
        return self.place.tag

    def ancestors(self) -> Iterator[Place]:
        """Its own element first."""
        place: Place | None = self.place
        while place is not None:
            yield place
            place = place.parent


def prose(block: Block) -> float:
    """How many characters of this block look like prose."""
    text = block.text
    if len(text) < 50 or block.link_chars * 3 > len(text):
        return 0.0
    return float(min(len(text), 1000)) * (1.0 if SENTENCE_END.search(text) else 0.6)


def split(tree: Tree) -> list[Block]:
    """The blocks of the page in reading order."""
    walk = _Walk()
    walk.run(tree.root)
    return walk.blocks


class _Walk:
    """Collects text until a block boundary, then makes a block of it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.pieces: list[str] = []
        self.links = self.link_chars = self.strong_chars = self.broken = self.order = 0
        self.nodes: list[Element] = []
        self.in_link = self.in_strong = 0

    def run(self, root: Element) -> None:
        place = Place(root, None, str(root.tag), 0, "", 0)
        #: (element to enter, place) or (element to leave, place it was in, whether inline)
        stack: list[tuple[Element, Place, int]] = [(root, place, 0)]
        while stack and len(self.blocks) < MAX_BLOCKS:
            node, place, step = stack.pop()
            if step:
                self._leave(node, place, step)
                continue
            tag = node.tag
            if tag in UNSEEN or tag in CONTROLS:
                self._text(node.tail)
            elif tag in INLINE:
                self._enter_inline(node, str(tag), place)
                stack.append((node, place, 1))
                stack.extend((child, place, 0) for child in reversed(node))
            else:
                self._flush(place)
                inner = self._place(node, place)
                self._text(node.text)
                stack.append((node, place, 2))
                stack.append((node, inner, 3))
                stack.extend((child, inner, 0) for child in reversed(node))

    def _place(self, node: Element, parent: Place) -> Place:
        self.order += 1
        get = node.get
        names = " ".join(filter(None, map(get, _NAMING))).lower()
        return Place(node, parent, str(node.tag), parent.depth + 1, names, self.order)

    def _enter_inline(self, node: Element, tag: str, place: Place) -> None:
        if tag == "br":
            self._break(place)
            return
        if tag == "a":
            self.in_link += 1
            self.links += 1
        elif tag in ("b", "strong"):
            self.in_strong += 1
        self.nodes.append(node)
        self._text(node.text)

    def _break(self, place: Place) -> None:
        """One <br> parts words, two in a row part paragraphs."""
        if "".join(self.pieces[self.broken :]).strip() or not self.pieces:
            self.pieces.append("\n")
            self.broken = len(self.pieces)
        else:
            self._flush(place)

    def _leave(self, node: Element, place: Place, step: int) -> None:
        if step == 3:
            self._flush(place)
        elif step == 2:
            self._text(node.tail)
        else:
            if node.tag == "a":
                self.in_link -= 1
            elif node.tag in ("b", "strong"):
                self.in_strong -= 1
            self._text(node.tail)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        self.pieces.append(text)
        if self.in_link or self.in_strong:
            n = len(text.strip())
            self.link_chars += n if self.in_link else 0
            self.strong_chars += n if self.in_strong else 0

    def _flush(self, place: Place) -> None:
        if self.pieces:
            text = fold("".join(self.pieces))
            if text:
                block = Block(len(self.blocks), text, place, self.link_chars, self.strong_chars, self.links, self.nodes)
                self.blocks.append(block)
            self.pieces = []
        self.links = self.link_chars = self.strong_chars = self.broken = 0
        self.nodes = []
