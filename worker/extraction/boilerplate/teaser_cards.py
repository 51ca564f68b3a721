"""Cards: places built alike that each lead to another story, as on section pages and under articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from worker.extraction.html.blocks import Block, Place

CARDS = 3  #: places built alike that make cards
_LEVELS = 5  #: from a block up to its card
_LINKS = 3  #: in one card at most
_CARD_PROSE = 700  #: characters in one card at most


def cards(blocks: Sequence[Block]) -> set[Place]:
    """Places that stand beside others built alike, each with a link of some words and little prose."""
    linked = [b for b in blocks if b.link_chars * 10 >= len(b.text) * 8 and b.words > 2]
    links = _sums((block, 1) for block in linked)
    few = {place for place, count in links.items() if count <= _LINKS}
    own = set(linked)
    sizes = _sums((block, block.size) for block in blocks if block not in own)
    small = [p for p in few if 0 < sizes.get(p, 0) <= _CARD_PROSE]
    alike = Counter(map(_build, small))
    return {p for p in small if alike[_build(p)] >= CARDS}


def _sums(amounts: Iterable[tuple[Block, int]]) -> dict[Place, int]:
    """For each place the sum over the blocks in it that are not too deep in it."""
    sums: dict[Place, int] = {}
    for block, amount in amounts:
        place: Place | None = block.place
        for _ in range(_LEVELS):
            if place is None:
                break
            sums[place] = sums.get(place, 0) + amount
            place = place.parent
    return sums


def _build(place: Place) -> tuple[Place | None, str, str]:
    return place.parent, place.tag, place.names.split(" ", 1)[0]
