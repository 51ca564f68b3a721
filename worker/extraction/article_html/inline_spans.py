"""Links and emphasis in a block, as spans of the block's text, and the element where the block begins.

A block's text is folded, and a few characters of the page may be left out of it or added to it. So each piece of text
in the block's element is matched with the block's text, white space aside; a piece without a match is skipped.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from worker.extraction.html.blocks import CONTROLS, Block
from worker.extraction.html.tree import INVISIBLE, Element, Tree
from worker.extraction.text.normalize import fold

_STRONG = frozenset({"b", "strong"})
_EMPHASIS = frozenset({"em", "i"})
_SKIPPED = INVISIBLE | CONTROLS
_MAX_URL = 2000  #: characters; a longer link is left out
_MAX_ADDED = 4  #: characters that a block's text may have between two pieces of its element


class Marks(NamedTuple):
    """How a piece of text is marked."""

    href: str | None = None  #: absolute URL of the link around it
    is_strong: bool = False
    is_emphasis: bool = False


PLAIN = Marks()


class Span(NamedTuple):
    """A marked part of a block's text."""

    start: int
    end: int
    marks: Marks


class Inline(NamedTuple):
    """The inline content of a block."""

    spans: Sequence[Span] = ()
    start: Element | None = None  #: the element whose text, or whose tail, begins the block; None: its own element
    is_tail: bool = False


def inline_content(blocks: Sequence[Block], others: Container[Element], tree: Tree) -> dict[Block, Inline]:
    """Return the inline content of the blocks of one element.

    `blocks` are all blocks with this own element, in order; elements in `others` have blocks of their own.
    """
    matches = [_Match(block) for block in blocks]
    number = 0
    for piece in _pieces(blocks[0].node, others, tree):
        rest = "".join(fold(piece.text).split())
        while rest:
            if matches[number].is_complete:
                number += 1
                if number == len(matches):
                    return {match.block: match.inline() for match in matches}
            taken = matches[number].take(rest, piece)
            if not taken:
                break
            rest = rest[taken:]
    return {match.block: match.inline() for match in matches}


class _Piece(NamedTuple):
    """A text of an element."""

    text: str
    marks: Marks
    node: Element
    is_tail: bool  #: True for the text after the element, False for the one at its beginning


class _Match:
    """The text of a block, matched piece by piece with the text of its element."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.letters = "".join(block.text.split())
        self.at = 0
        self.marked: list[Span] = []  # spans of `letters`
        self.first: _Piece | None = None

    @property
    def is_complete(self) -> bool:
        """True if the whole text is matched."""
        return self.at >= len(self.letters)

    def take(self, letters: str, piece: _Piece) -> int:
        """Match the first letters of a piece. Return the number of those that match; 0 if none do."""
        length, marks = min(len(letters), len(self.letters) - self.at), piece.marks
        start = self.letters.find(letters[:length], self.at, self.at + length + _MAX_ADDED)
        if start < 0:
            return 0
        end = start + length
        self.first = self.first or piece
        if marks != PLAIN:
            if self.marked and self.marked[-1].marks == marks and self.marked[-1].end == start:
                self.marked[-1] = self.marked[-1]._replace(end=end)
            else:
                self.marked.append(Span(start, end, marks))
        self.at = end
        return length

    def inline(self) -> Inline:
        """Return the result, with spans as positions in the block's text."""
        spans: list[Span] = []
        if self.marked:
            places = [i for i, c in enumerate(self.block.text) if not c.isspace()]
            spans = [Span(places[start], places[end - 1] + 1, marks) for start, end, marks in self.marked]
        if self.first is None:
            return Inline(spans)
        return Inline(spans, self.first.node, self.first.is_tail)


def _pieces(element: Element, others: Container[Element], tree: Tree) -> Iterator[_Piece]:
    """Yield the texts of an element in order, without those of elements that have blocks of their own."""
    marks = _marks_around(element, tree)
    stack: list[Marks] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        if event == "start":
            if node is not element and (node.tag in _SKIPPED or node in others):
                walker.skip_subtree()
                stack.append(marks)
                continue
            stack.append(marks)
            if node is not element:
                marks = _add_mark(marks, node, tree)
            if node.text:
                yield _Piece(node.text, marks, node, False)
        else:
            marks = stack.pop()
            if node is not element and node.tail:
                yield _Piece(node.tail, marks, node, True)


def _marks_around(element: Element, tree: Tree) -> Marks:
    """Return the marks of inline elements that directly enclose a block's element."""
    marks, around = PLAIN, element.getparent()
    while around is not None and around.tag in ("a", *_STRONG, *_EMPHASIS):
        marks = _add_mark(marks, around, tree)
        around = around.getparent()
    return marks


def _add_mark(marks: Marks, node: Element, tree: Tree) -> Marks:
    tag = node.tag
    if tag == "a":
        href = tree.absolute(node.get("href")) if marks.href is None else None
        return marks._replace(href=href) if href and len(href) <= _MAX_URL else marks
    if tag in _STRONG:
        return marks._replace(is_strong=True)
    if tag in _EMPHASIS:
        return marks._replace(is_emphasis=True)
    return marks
