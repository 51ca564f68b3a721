"""Cards: places built alike that each lead to another story, as on section pages and under articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from worker.reading.blocks import Block, Place

CARDS = 3  #: places built alike that make cards
_LEVELS = 5  #: from a block up to its card
_LINKS = 3  #: in one card at most
_CARD_PROSE = 700  #: characters in one card at most


def cards(blocks: Sequence[Block]) -> set[Place]:
    """Places that stand beside others built alike, each with a link of some words and little prose."""
    links: Counter[Place] = Counter()
    linked = [b for b in blocks if b.link_chars * 10 >= len(b.text) * 8 and b.text.count(" ") >= 2]
    for block in linked:
        links.update(_around(block))
    few = {place for place, count in links.items() if count <= _LINKS}
    sizes: Counter[Place] = Counter()
    for block in blocks:
        for place in _around(block):
            if place in few:
                sizes[place] += len(block.text)
    for block in linked:
        for place in _around(block):
            sizes[place] -= len(block.text)
    small = [p for p in few if 0 < sizes[p] <= _CARD_PROSE]
    alike = Counter(map(_build, small))
    return {p for p in small if alike[_build(p)] >= CARDS}


def _around(block: Block) -> list[Place]:
    found: list[Place] = []
    place: Place | None = block.place
    while place is not None and len(found) < _LEVELS:
        found.append(place)
        place = place.parent
    return found


def _build(place: Place) -> tuple[Place | None, str, str]:
    return place.parent, place.tag, place.names.split(" ", 1)[0]
