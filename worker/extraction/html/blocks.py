"""The page as a sequence of text blocks: paragraphs, headings, list items, captions, runs between two line breaks.

One walk over the tree makes them. It does not recurse, since hostile pages nest without end. Each block knows its
containers (its element and the elements around it); the classifier relies on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from worker.extraction.html.tree import INLINE, INVISIBLE, Element, Tree
from worker.extraction.text import text_size
from worker.extraction.text.normalize import fold

#: Controls: their labels are never part of an article.
CONTROLS = frozenset({"button", "select", "option", "textarea", "input", "audio", "video", "canvas", "map", "datalist"})

_SHORT = 50  #: letters; a shorter block is not prose
_ENDING = 8  #: characters that hold the end of a sentence
SENTENCE_END = re.compile(r"[.!?…।。！？؟۔။።]['\"”’»)\]“」』）】]*$")

#: More blocks than any article has. The rest of the page is not read.
MAX_BLOCKS = 10_000

#: Attributes that name the purpose of an element.
_NAMING = frozenset({"class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label"})

_SKIPPED = INVISIBLE | CONTROLS


@dataclass(slots=True, eq=False)
class Container:
    """An element that is not inline, as context of the blocks in it."""

    node: Element
    parent: Container | None
    tag: str
    depth: int
    names: str  #: class, id, role and the like of the element


@dataclass(slots=True, eq=False)
class Block:
    """A run of text without a block boundary in it."""

    index: int
    text: str  #: text with folded white space
    size: int  #: letters, see `text_size.size`
    words: int
    prose: float  #: letters that look like prose, fewer if no sentence ends
    container: Container
    link_chars: int  #: characters in links
    strong_chars: int  #: characters in <b> and <strong>
    links: int
    nodes: list[Element]  #: inline elements that begin in this block

    @property
    def node(self) -> Element:
        """The block's own element."""
        return self.container.node

    @property
    def tag(self) -> str:
        """The tag of the block's own element."""
        return self.container.tag

    def ancestors(self) -> Iterator[Container]:
        """Yield the block's containers, its own element first."""
        container: Container | None = self.container
        while container is not None:
            yield container
            container = container.parent


def containers_of(blocks: Iterable[Block]) -> list[Container]:
    """Return every container of these blocks, each after the one around it."""
    seen: set[Container] = set()
    found: list[Container] = []
    for block in blocks:
        chain = []
        container: Container | None = block.container
        while container is not None and container not in seen:
            seen.add(container)
            chain.append(container)
            container = container.parent
        found.extend(reversed(chain))
    return found


def ends_sentence(text: str) -> bool:
    """Return True if the text ends like a sentence, perhaps with a closing quote or bracket."""
    return bool(SENTENCE_END.search(text[-_ENDING:]))


def _prose(text: str, size: int, link_chars: int) -> float:
    if size < _SHORT or link_chars * 3 > len(text):
        return 0.0
    return float(min(size, 1000)) * (1.0 if ends_sentence(text) else 0.6)


def split(tree: Tree) -> list[Block]:
    """Return the blocks of the page in reading order."""
    walk, root = _Walk(tree.root), tree.root
    blocks = walk.blocks
    tags: list[str] = []  # tags of the elements around; stored, since lxml builds the string at each access
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, node in walker:
        if event == "start":
            tags.append(tag := node.tag)
            if tag in _SKIPPED:
                walker.skip_subtree()
            elif tag in INLINE:
                walk.enter_inline(node, tag)
            else:
                walk.enter(node, tag)
            continue
        tag = tags.pop()
        if tag in INLINE:
            walk.leave_inline(tag)
        elif tag not in _SKIPPED:
            walk.leave()
            if len(blocks) >= MAX_BLOCKS:
                break
        if (tail := node.tail) and node is not root:
            walk.text(tail)
    return blocks


class _Walk:
    """The state of the walk: collects text up to a block boundary and makes a block of it."""

    def __init__(self, root: Element) -> None:
        self.blocks: list[Block] = []
        self.open: list[tuple[Element, str]] = [(root, "")]  # elements around, outermost first
        self.containers: list[Container] = []  # containers of the first elements of `open`
        self.in_link = self.in_strong = 0
        self._begin()

    def _begin(self) -> None:
        self.pieces: list[str] = []
        self.nodes: list[Element] = []
        self.links = self.link_chars = self.strong_chars = self.broken = 0

    def enter(self, node: Element, tag: str) -> None:
        """Handle the start of a block element."""
        if self.pieces:
            self._flush()
        self.open.append((node, tag))
        if text := node.text:
            self.text(text)

    def leave(self) -> None:
        """Handle the end of a block element."""
        if self.pieces:
            self._flush()
        if len(self.open) > 1:
            self.open.pop()
            if len(self.containers) > len(self.open):
                self.containers.pop()

    def _container(self) -> Container:
        """Return the container of the innermost open element.

        Containers are made only where there is text, since most elements hold none.
        """
        containers = self.containers
        for depth in range(len(containers), len(self.open)):
            node, tag = self.open[depth]
            names = " ".join([str(value) for name, value in node.items() if name in _NAMING])
            containers.append(Container(node, containers[-1] if containers else None, tag, depth, names))
        return containers[-1]

    def enter_inline(self, node: Element, tag: str) -> None:
        """Handle the start of an inline element."""
        if tag == "br":
            self._break()
            return
        if tag == "a":
            self.in_link += 1
            self.links += 1
        elif tag in ("b", "strong"):
            self.in_strong += 1
        self.nodes.append(node)
        if text := node.text:
            self.text(text)

    def leave_inline(self, tag: str) -> None:
        """Handle the end of an inline element."""
        if tag == "a":
            self.in_link -= 1
        elif tag in ("b", "strong"):
            self.in_strong -= 1

    def text(self, text: str) -> None:
        """Add text to the current block."""
        self.pieces.append(text)
        if self.in_link or self.in_strong:
            n = len(text.strip())
            self.link_chars += n if self.in_link else 0
            self.strong_chars += n if self.in_strong else 0

    def _break(self) -> None:
        """Handle <br>: one separates words, two in a row separate paragraphs."""
        if "".join(self.pieces[self.broken :]).strip() or not self.pieces:
            self.pieces.append("\n")
            self.broken = len(self.pieces)
        else:
            self._flush()

    def _flush(self) -> None:
        raw = "".join(self.pieces)
        if raw.isspace():  # most runs are white space between two elements
            self.pieces.clear()
            self.broken = 0
            if self.nodes:
                self.nodes, self.links = [], 0
            return
        if text := fold(raw):
            self.blocks.append(self._block(text))
        self._begin()

    def _block(self, text: str) -> Block:
        size, words = text_size.extent(text)
        prose = _prose(text, size, self.link_chars)
        n, container, links = len(self.blocks), self._container(), self.links
        return Block(n, text, size, words, prose, container, self.link_chars, self.strong_chars, links, self.nodes)
