"""Cards: places built alike that each lead to another story, as on section pages and under articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from worker.reading.blocks import Block, Place

CARDS = 3  #: places built alike that make cards
_CARD_PROSE = 700  #: characters in one card at most


def cards(blocks: Sequence[Block]) -> set[Place]:
    """Places that stand beside others built alike, each with a link of some words and little prose."""
    inside: dict[Place, list[int]] = {}
    for block in blocks:
        is_link = int(block.link_chars * 10 >= len(block.text) * 8 and block.text.count(" ") >= 2)
        for _, place in zip(range(5), block.ancestors(), strict=False):
            found = inside.setdefault(place, [0, 0])
            found[0] += is_link
            found[1] += 0 if is_link else len(block.text)
    small = [p for p, (links, size) in inside.items() if 1 <= links <= 3 and 0 < size <= _CARD_PROSE]
    alike = Counter((p.parent, p.tag, p.names.split(" ", 1)[0]) for p in small)
    return {p for p in small if alike[p.parent, p.tag, p.names.split(" ", 1)[0]] >= CARDS}
