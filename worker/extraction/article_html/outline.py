"""The place of a block in the article's outline: the headings, lists, quotes and tables around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from worker.extraction.html.blocks import Block, Container
from worker.extraction.html.tree import Element

_TAGS = {
    "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6",
    "ul": "ul", "menu": "ul", "dir": "ul", "ol": "ol", "li": "li", "blockquote": "blockquote", "pre": "pre",
    "table": "table", "tr": "tr", "td": "td", "th": "th",
}  # fmt: skip
_PARENTS = {"li": ("ul", "ol"), "tr": ("table",), "td": ("tr",), "th": ("tr",)}
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_LAYOUT_SHARE = 0.5  #: an item or a cell with a larger share of the blocks is layout
_QUOTE_SHARE = 0.9  #: a quote with a larger share of the blocks is layout
_FEW = 3  #: blocks; with fewer, shares mean nothing


class Step(NamedTuple):
    """An element of the outline: the tag to write, and the page's element behind it."""

    tag: str
    node: Element


Path = tuple[Step, ...]


class Outline:
    """The outline of the kept blocks."""

    def __init__(self, kept: Sequence[Block]) -> None:
        self._blocks_in = Counter(c.node for b in kept for c in b.ancestors() if c.tag in _TAGS)
        self._own_blocks = Counter(item for b in kept if (item := _innermost_item(b)) is not None)
        self._total = len(kept)
        self._paths: dict[Container, Path] = {}
        self._layout = self._find_layout(kept)

    def path(self, container: Container) -> Path:
        """Return the elements of the outline around a block, outermost first."""
        known = self._paths.get(container)
        if known is None:
            known = self._paths[container] = self._extend(container)
        return known

    def path_of(self, node: Element) -> Path:
        """Return the elements around an element of the page that is not a block, such as an image."""
        nodes = [a for a in node.iterancestors() if a in self._blocks_in]
        path: Path = ()
        for around in reversed(nodes):
            path = self._step(path, around, str(around.tag))
        return path

    def _extend(self, container: Container) -> Path:
        around = self.path(container.parent) if container.parent is not None else ()
        return self._step(around, container.node, container.tag)

    def _step(self, around: Path, node: Element, tag: str) -> Path:
        made = _TAGS.get(tag)
        if made is None or node in self._layout:
            return around
        inner = around[-1].tag if around else ""
        if made in _PARENTS and inner not in _PARENTS[made]:
            return around
        if inner == "pre" or inner in _HEADINGS:  # they hold only text
            return around
        return (*around, Step(made, node))

    def _find_layout(self, kept: Sequence[Block]) -> set[Element]:
        """Return the lists, tables and quotes that only arrange the page."""
        layout: set[Element] = set()
        for container in _outline_containers(kept):
            node, count = container.node, self._blocks_in[container.node]
            many = self._total >= _FEW
            if container.tag == "blockquote" and many and count > self._total * _QUOTE_SHARE:
                layout.add(node)
            elif container.tag == "li" and many and self._own_blocks[node] > self._total * _LAYOUT_SHARE:
                layout |= {node, *node.iterancestors("ul", "ol", "menu", "dir")}
            elif container.tag in ("td", "th") and self._is_layout_cell(container):
                layout |= {node, *node.iterancestors("table")}
        tables = [c.node for c in _outline_containers(kept) if c.tag == "table"]
        return layout | {t for t in tables if self._is_layout_table(t)}

    def _is_layout_cell(self, container: Container) -> bool:
        count = self._blocks_in[container.node]
        return count > _FEW or (self._total >= _FEW and count > self._total * _LAYOUT_SHARE)

    def _is_layout_table(self, table: Element) -> bool:
        """Return True if a table has a table in it, or fewer than two rows with two cells."""
        if next(table.iterdescendants("table"), None) is not None:
            return True
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        return sum(len(row) > 1 for row in rows) < 2


def _innermost_item(block: Block) -> Element | None:
    return next((c.node for c in block.ancestors() if c.tag == "li"), None)


def _outline_containers(kept: Sequence[Block]) -> list[Container]:
    return list(dict.fromkeys(c for b in kept for c in b.ancestors() if c.tag in _TAGS))
