"""The page as a sequence of text blocks: paragraphs, headings, list items, captions, runs between two line breaks.

One walk over the tree makes them. It does not recurse, since hostile pages nest without end. Each block knows its
containers (its element and the elements around it); the classifier relies on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import NamedTuple

from lxml import etree

from worker.extraction.html.hidden import hidden_elements
from worker.extraction.html.tree import BLOCK, INLINE, INVISIBLE, Element, Tree
from worker.extraction.text import text_size
from worker.extraction.text.normalize import fold

#: Controls: their labels are never part of an article.
CONTROLS = frozenset({"button", "select", "option", "textarea", "input", "audio", "video", "canvas", "map", "datalist"})

_SHORT = 50  #: letters; a shorter block is not prose
_LONG_THAI = 80  #: characters
_ENDING = 8  #: characters that hold the end of a sentence
SENTENCE_END = re.compile(r"[.!?…।。！？؟۔။።]['\"”’»)\]“」』）】]*$")

#: More blocks than any article has. The rest of the page is not read.
MAX_BLOCKS = 10_000

#: Attributes that name the purpose of an element.
_NAMING = frozenset({"class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label"})

_SKIPPED = INVISIBLE | CONTROLS
_SKIP = ""  #: the role of an element whose content is not read
_MAYBE_SKIPPED = frozenset({"sup", "rt", "rp", "rtc"})  #: inline elements
_LONG_NOSCRIPT = 400  #: characters
_MOST_INLINE = 40  #: elements in an unknown inline element, at most
_TEXT_PARENTS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_PREFORMATTED = re.compile(r"white-space(?:-collapse)?\s*:\s*(?:pre|break-spaces)", re.I)
_SHORT_LINE = 40  #: characters; a shorter line before a break is not a paragraph
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_LONGEST_UNIT = 3  #: letters: m, km, cm
_NOTE = re.compile(r"[\[(]\s*(?:\d{1,3}|[a-z*†‡])\s*[\])]")


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
    """Return True if the text ends like a sentence, perhaps with a closing quote or bracket.

    Thai and Lao have no full stop: there a long text is a sentence.
    """
    if "\u0e00" < text[-1:] < "\u0eff":
        return len(text) > _LONG_THAI
    return bool(SENTENCE_END.search(text[-_ENDING:]))


def _prose(text: str, size: int, link_chars: int) -> float:
    if size < _SHORT or link_chars * 3 > len(text):
        return 0.0
    return float(min(size, 1000)) * (1.0 if ends_sentence(text) else 0.6)


def split(tree: Tree) -> list[Block]:
    """Return the blocks of the page in reading order. <noscript> counts if nothing else on the page is prose."""
    hidden = tree.cached(hidden_elements)
    blocks = _split(tree, hidden, _SKIPPED)
    if not any(b.prose for b in blocks) and any(map(_is_long, tree.root.iter("noscript"))):
        return _split(tree, hidden, _SKIPPED - {"noscript"})
    return blocks


def _is_long(noscript: Element) -> bool:
    return sum(len(str(text).strip()) for text in noscript.itertext()) > _LONG_NOSCRIPT


def _split(tree: Tree, hidden: frozenset[Element], skipped: frozenset[str]) -> list[Block]:
    root = tree.root
    walk = _Walk(root, may_be_preformatted="<pre" in tree.text or "white-space" in tree.text)
    blocks = walk.blocks
    tags: list[str] = []  # tags of the elements around; stored, since lxml builds the string at each access
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, node in walker:
        if event == "start":
            tag = node.tag
            if tag in INLINE:
                if node in hidden or (tag in _MAYBE_SKIPPED and (tag != "sup" or _is_note(node))):
                    walker.skip_subtree()
                    tag = _SKIP
                else:
                    walk.enter_inline(node, tag)
            elif tag in BLOCK and node not in hidden:
                walk.enter(node, tag)
            else:
                tag = walk.enter_other(node, tag, node in hidden or tag in skipped)
                if tag is _SKIP:
                    walker.skip_subtree()
            tags.append(tag)
            continue
        tag = tags.pop()
        if tag in INLINE:
            walk.leave_inline(tag)
        elif tag is not _SKIP:
            walk.leave()
            if len(blocks) >= MAX_BLOCKS:
                break
        if (tail := node.tail) and node is not root:
            walk.text(tail)
    return blocks


class _Break(NamedTuple):
    """A line break in a run of text, with the counts of the run up to it."""

    pieces: int
    link_chars: int
    strong_chars: int
    links: int
    nodes: int


_START = _Break(0, 0, 0, 0, 0)


class _Walk:
    """The state of the walk: collects text up to a block boundary and makes a block of it.

    Most texts are white space between two elements. At the beginning of a run they only set `is_blank`.
    """

    def __init__(self, root: Element, *, may_be_preformatted: bool) -> None:
        self.blocks: list[Block] = []
        self.open: list[tuple[Element, str]] = [(root, "")]  # elements around, outermost first
        self.containers: list[Container] = []  # containers of the first elements of `open`
        self.in_link = self.in_strong = 0
        self.may_be_preformatted = may_be_preformatted
        self.is_blank = False
        self._begin()

    def _begin(self) -> None:
        self.pieces: list[str] = []
        self.nodes: list[Element] = []
        self.breaks: list[_Break] = []
        self.links = self.link_chars = self.strong_chars = 0

    def enter(self, node: Element, tag: str) -> None:
        """Handle the start of a block element."""
        if self.pieces:
            self._flush()
        elif self.is_blank:
            self._drop_blank()
        self.open.append((node, tag))
        if text := node.text:
            self.text(text)

    def leave(self) -> None:
        """Handle the end of a block element."""
        if self.pieces:
            self._flush()
        elif self.is_blank:
            self._drop_blank()
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

    def enter_other(self, node: Element, tag: str, is_skipped: bool) -> str:
        """Handle the start of an element that is neither inline nor a block by its tag. Return its role as a tag."""
        if is_skipped:
            if tag in BLOCK and (self.pieces or self.is_blank):
                self._flush()
            if tag != "button" or not self._is_in_sentence(node):
                return _SKIP
        elif tag == "img":
            if self.open[-1][1] not in _TEXT_PARENTS or not self._is_in_sentence(node):
                self.enter(node, tag)
                return tag
        elif not self._is_in_run(node):
            self.enter(node, tag)
            return tag
        self.enter_inline(node, "span")
        return "span"

    def _has_text(self, start: int = 0) -> bool:
        return any(piece.strip() for piece in self.pieces[start:])

    def _is_in_run(self, node: Element) -> bool:
        """Return True if an unknown element is part of running text: text is beside it, and no block is in it."""
        beside = self.open[-1][1] in _TEXT_PARENTS or (node.tail or "").strip() or self._has_text()
        if not beside:
            return False
        inner = list(islice(node.iter(), _MOST_INLINE))
        return len(inner) < _MOST_INLINE and not any(n.tag in BLOCK for n in inner)

    def _is_in_sentence(self, node: Element) -> bool:
        """Return True if an element is between two parts of a sentence."""
        before = "".join(self.pieces[-4:]).strip()
        return bool(before and (node.tail or "").strip()) and not ends_sentence(before)

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
            self.text(_raised(text, self.pieces) if tag == "sup" else text)

    def leave_inline(self, tag: str) -> None:
        """Handle the end of an inline element."""
        if tag == "a":
            self.in_link -= 1
        elif tag in ("b", "strong"):
            self.in_strong -= 1

    def text(self, text: str) -> None:
        """Add text to the current block."""
        if self.may_be_preformatted and "\n" in text and _is_preformatted(self.open[-1]):
            for number, line in enumerate(text.split("\n")):
                if number:
                    self._break()
                self._add(line)
        elif not self.pieces and text.isspace():
            self.is_blank = True
        else:
            self._add(text)

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        if self.in_link or self.in_strong:
            n = len(text.strip())
            self.link_chars += n if self.in_link else 0
            self.strong_chars += n if self.in_strong else 0

    def _break(self) -> None:
        """Handle a line break: two in a row separate paragraphs; see `_paragraph_ends` for one alone."""
        if not (self.pieces or self.is_blank) or self._has_text(self.breaks[-1].pieces if self.breaks else 0):
            self.pieces.append("\n")
            self.breaks.append(self._state())
        else:
            self._flush()

    def _state(self) -> _Break:
        return _Break(len(self.pieces), self.link_chars, self.strong_chars, self.links, len(self.nodes))

    def _flush(self) -> None:
        raw = "".join(self.pieces)
        if not raw or raw.isspace():
            self.pieces.clear()
            self.breaks.clear()
            self._drop_blank()
            return
        if self.breaks:
            start = _START
            for end in (*self._paragraph_ends(), self._state()):
                self._add_part(start, end)
                start = end
        elif text := fold(raw):
            self._add_block(text, self.link_chars, self.strong_chars, self.links, self.nodes)
        self.is_blank = False
        self._begin()

    def _drop_blank(self) -> None:
        """End a run of white space."""
        self.is_blank = False
        if self.nodes:
            self.nodes, self.links = [], 0

    def _paragraph_ends(self) -> Sequence[_Break]:
        """Return the single line breaks that end a paragraph.

        These are breaks after a line that is bold as a whole, before an ideographic indent, and after the end of a
        sentence if most lines of the run end one: otherwise the breaks only fold the lines of a text or a poem.
        """
        lines = [
            _Line(end, "".join(self.pieces[start.pieces : end.pieces]), end.strong_chars - start.strong_chars)
            for start, end in zip([_START, *self.breaks], [*self.breaks, self._state()], strict=True)
        ]
        lines = [line for line in lines if not line.text.isspace()]
        ended = sum(line.ends_sentence for line in lines[:-1])
        are_sentences = ended * 3 >= (len(lines) - 1) * 2 and len(lines[-1].text.strip()) >= _SHORT
        return [line.end for line, following in pairwise(lines) if line.ends_paragraph(following, are_sentences)]

    def _add_part(self, start: _Break, end: _Break) -> None:
        """Add the block of the text between two breaks."""
        if text := fold("".join(self.pieces[start.pieces : end.pieces])):
            link_chars, strong_chars = end.link_chars - start.link_chars, end.strong_chars - start.strong_chars
            nodes = self.nodes[start.nodes : end.nodes]
            self._add_block(text, link_chars, strong_chars, end.links - start.links, nodes)

    def _add_block(self, text: str, link_chars: int, strong_chars: int, links: int, nodes: list[Element]) -> None:
        size, words = text_size.extent(text)
        prose, number, container = _prose(text, size, link_chars), len(self.blocks), self._container()
        self.blocks.append(Block(number, text, size, words, prose, container, link_chars, strong_chars, links, nodes))


class _Line(NamedTuple):
    """The text between two line breaks."""

    end: _Break
    text: str
    strong_chars: int

    @property
    def is_bold(self) -> bool:
        """True if the whole line is bold."""
        return self.strong_chars > 0 and self.strong_chars >= len(self.text.strip())

    @property
    def ends_sentence(self) -> bool:
        """True if the line is prose that ends a sentence."""
        text = self.text.strip()
        return len(text) >= _SHORT_LINE and ends_sentence(text)

    def ends_paragraph(self, following: _Line, are_sentences: bool) -> bool:
        """Return True if the break after this line ends a paragraph."""
        if self.is_bold and not following.is_bold:
            return True
        return following.text.lstrip("\r\n").startswith("\u3000") or (are_sentences and self.ends_sentence)


def _is_preformatted(open_element: tuple[Element, str]) -> bool:
    """Return True if line breaks in the source of an element's text are shown."""
    node, tag = open_element
    return tag == "pre" or bool((style := node.get("style")) and _PREFORMATTED.search(style))


def _is_note(node: Element) -> bool:
    """Return True if a <sup> refers to a note: it has a link within the page, or a number in brackets."""
    if any((link.get("href") or "").startswith("#") for link in node.iter("a")):
        return True
    return not len(node) and bool(_NOTE.fullmatch((node.text or "").strip()))


def _raised(text: str, before: Sequence[str]) -> str:
    """Return the text of a <sup>: a power of a number gets a sign, and the number of a note is left out."""
    number = text.strip()
    if not number.isdigit():
        return text
    previous = next((p for p in reversed(before) if p.strip()), "").rstrip()
    if previous[-1:].isdigit():
        return f"^{number}"
    word = _LAST_WORD.search(previous)
    return text if word and len(word[0]) <= _LONGEST_UNIT else ""
