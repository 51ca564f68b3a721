"""The links of a block: whether it is a link to another page, and nothing else."""

from __future__ import annotations

from worker.extraction.html.blocks import SENTENCE_END, Block
from worker.extraction.html.tree import Element

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HEADLINE_WORDS = range(4, 26)  #: words of a headline


def is_lone_link(block: Block) -> bool:
    """Return True for a headline of another story: a whole paragraph in a link, without a full stop."""
    return (
        block.link_chars * 10 >= len(block.text) * 9
        and block.words in _HEADLINE_WORDS
        and block.tag not in _HEADINGS
        and not (SENTENCE_END.search(block.text) and not block.text.endswith(("?", "!", "…")))
        and leads_elsewhere(block)
    )


def leads_elsewhere(block: Block) -> bool:
    """Return True if a link of the block leads to another page, not to a place on the same page or to a mailbox."""
    return any(map(_is_elsewhere, _links(block)))


def is_local(block: Block) -> bool:
    """Return True if the block has links, and all of them lead to places on the same page."""
    links = _links(block)
    return bool(links) and all((node.get("href") or "").startswith("#") for node in links)


def _is_elsewhere(node: Element) -> bool:
    href = (node.get("href") or "").strip()
    return bool(href) and not href.startswith(("#", "mailto:", "tel:", "javascript:"))


def _links(block: Block) -> list[Element]:
    """Return the links that begin in a block, or the one around it."""
    inside = [node for node in block.nodes if node.tag == "a"]
    if inside or not block.link_chars:
        return inside
    return [node for node in (block.node, *block.node.iterancestors()) if node.tag == "a"][:1]
