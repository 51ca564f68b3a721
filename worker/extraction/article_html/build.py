"""Building of the article's HTML with BeautifulSoup.

The result has these elements only: h2 to h6, p, ul, ol, li, blockquote, pre, table, tr, th, td, a, em, strong, figure,
img and figcaption. Its attributes are `href` of links, and `src` and `alt` of images; all URLs are absolute and
http(s). Without its figures, its text is that of the article's body, white space aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bs4 import BeautifulSoup, Tag

from worker.extraction.article_html.figures import Placed, image_elements, place_images
from worker.extraction.article_html.inline_spans import Inline, Marks, Span, inline_content
from worker.extraction.article_html.outline import Outline, Path, Step
from worker.extraction.html.blocks import Block, containers_of
from worker.extraction.html.tree import Element, Tree
from worker.model.records import Image

_HOLDS_PARAGRAPHS = frozenset({"", "blockquote"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})


def article_html(
    blocks: Sequence[Block], kept: Sequence[Block], paragraphs: Sequence[str], images: Sequence[Image], tree: Tree
) -> str:
    """Return the article as HTML.

    `kept` are those of the page's blocks that make the body. If the body has other paragraphs, as from embedded data,
    these become plain paragraphs.
    """
    if [b.text for b in kept] != list(paragraphs):
        return html_of_paragraphs(paragraphs, images)
    nodes = image_elements(images, tree)
    outline, inline = Outline(kept), _inline(blocks, kept, nodes.values(), tree)
    placed = place_images(images, nodes, blocks, kept, inline, tree)
    writer = _Writer()
    for number, block in enumerate(kept):
        writer.add_figures(placed.get(number, ()), outline)
        writer.add_text(outline.path(block.container), block.text, inline.get(block, Inline()).spans)
    writer.add_figures(placed.get(len(kept), ()), outline)
    return writer.html()


def html_of_paragraphs(paragraphs: Sequence[str], images: Sequence[Image] = ()) -> str:
    """Return plain paragraphs as HTML, after the lead image and before the other images."""
    writer = _Writer()
    for image in images:
        if image.is_lead:
            writer.add_figure((), image)
    for text in paragraphs:
        writer.add_text((), text, ())
    for image in images:
        if not image.is_lead:
            writer.add_figure((), image)
    return writer.html()


def _inline(
    blocks: Sequence[Block], kept: Sequence[Block], images: Iterable[Element], tree: Tree
) -> dict[Block, Inline]:
    """Return the inline content of the kept blocks that have marks, or an image in their element."""
    around_images = {around for image in images for around in image.iterancestors()}
    visited = {b.node for b in kept if b.node in around_images or _has_marks(b)}
    by_element: dict[Element, list[Block]] = {}
    for block in blocks:
        if block.node in visited:
            by_element.setdefault(block.node, []).append(block)
    others = {c.node for c in containers_of(blocks)}
    found: dict[Block, Inline] = {}
    for same in by_element.values():
        found |= inline_content(same, others, tree)
    return found


def _has_marks(block: Block) -> bool:
    return bool(block.link_chars or block.strong_chars) or any(n.tag in ("em", "i") for n in block.nodes)


class _Writer:
    """The HTML so far, and the elements of the outline that are open."""

    def __init__(self) -> None:
        self._soup = BeautifulSoup("", "html.parser")
        self._open: list[tuple[Step, Tag]] = []

    def html(self) -> str:
        """Return the HTML, with a line break after each element of the outline."""
        return str(self._soup.decode(formatter="minimal")).strip()

    def add_text(self, path: Path, text: str, spans: Sequence[Span]) -> None:
        """Add a block of text in the elements of its path."""
        if path and path[-1].tag in ("ul", "ol", "table", "tr"):  # text beside their items: a paragraph of its own
            path = path[: -(2 if path[-1].tag == "tr" else 1)]
        holder = self._enter(path)
        inner = path[-1].tag if path else ""
        if inner in _HOLDS_PARAGRAPHS or (inner in ("li", "td", "th") and len(holder.contents)):
            holder = self._append(holder, "p")
        elif len(holder.contents):
            holder.append("\n" if inner == "pre" else " ")
        self._add_inline(holder, text, spans)

    def add_figures(self, placed: Sequence[Placed], outline: Outline) -> None:
        """Add the images that belong before the next block."""
        for image, node in placed:
            path = outline.path_of(node) if node is not None else ()
            while path and path[-1].tag not in ("li", "blockquote", "td", "th"):
                path = path[:-1]
            self.add_figure(path, image)

    def add_figure(self, path: Path, image: Image) -> None:
        """Add an image with its caption and its credit."""
        caption = " ".join(filter(None, (image.caption, f"({image.credit_text})" if image.credit_text else "")))
        if not (image.url or caption):
            return
        figure = self._append(self._enter(path), "figure")
        if image.url:
            alt = {"alt": image.alt} if image.alt else {"alt": ""}
            figure.append(self._soup.new_tag("img", attrs={"src": image.url, **alt}))
        if caption:
            legend = self._soup.new_tag("figcaption")
            legend.append(caption)
            figure.append(legend)

    def _enter(self, path: Path) -> Tag:
        """Close and open elements until those of the path are open. Return the innermost one."""
        same = 0
        while same < min(len(path), len(self._open)) and self._open[same][0].node is path[same].node:
            same += 1
        del self._open[same:]
        for step in path[same:]:
            parent = self._open[-1][1] if self._open else self._soup
            if step.tag in ("td", "th"):
                self._fill_row(parent, step.node)
            self._open.append((step, self._append(parent, step.tag)))
        return self._open[-1][1] if self._open else self._soup

    def _fill_row(self, row: Tag, cell: Element) -> None:
        """Add the empty cells before a cell, so that it stays in its column."""
        before = sum(1 for c in cell.itersiblings("td", "th", preceding=True))
        for _ in range(before - len(row.find_all(("td", "th"), recursive=False))):
            self._append(row, "td")

    def _append(self, parent: Tag, tag: str) -> Tag:
        made = self._soup.new_tag(tag)
        if parent.contents and str(parent.contents[-1]) != "\n":  # text, or an inline element
            parent.append("\n")
        parent.append(made)
        parent.append("\n")
        return made

    def _add_inline(self, holder: Tag, text: str, spans: Sequence[Span]) -> None:
        at = 0
        for start, end, marks in spans:
            if start > at:
                holder.append(text[at:start])
            inner = holder
            for tag, attributes in _elements_of(marks):
                made = self._soup.new_tag(tag, attrs=attributes)
                inner.append(made)
                inner = made
            inner.append(text[start:end])
            at = end
        if at < len(text):
            holder.append(text[at:])


def _elements_of(marks: Marks) -> Iterator[tuple[str, dict[str, str]]]:
    if marks.href:
        yield "a", {"href": marks.href}
    if marks.is_strong:
        yield "strong", {}
    if marks.is_emphasis:
        yield "em", {}
