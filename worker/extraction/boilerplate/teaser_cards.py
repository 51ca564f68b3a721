"""Teaser cards: containers of the same structure that each link to another article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from worker.extraction.boilerplate.links import is_local
from worker.extraction.html.blocks import Block, Container

CARDS = 3  #: minimum number of containers of the same structure that make cards
_LEVELS = 5  #: levels from a block up to its card, at most
_LINKS = 3  #: links in one card, at most
_CARD_PROSE = 700  #: characters of prose in one card, at most


def find_cards(blocks: Sequence[Block]) -> set[Container]:
    """Return containers with siblings of the same structure, each with a link of some words and little prose."""
    linked = [b for b in blocks if b.link_chars * 10 >= len(b.text) * 8 and b.words > 2 and not is_local(b)]
    links = _sums((block, 1) for block in linked)
    few = {container for container, count in links.items() if count <= _LINKS}
    own = set(linked)
    sizes = _sums((block, block.size) for block in blocks if block not in own)
    small = [p for p in few if 0 < sizes.get(p, 0) <= _CARD_PROSE]
    alike = Counter(map(_build, small))
    return {p for p in small if alike[_build(p)] >= CARDS}


def _sums(amounts: Iterable[tuple[Block, int]]) -> dict[Container, int]:
    """Return for each container the sum over the blocks that are at most `_LEVELS` deep in it."""
    sums: dict[Container, int] = {}
    for block, amount in amounts:
        container: Container | None = block.container
        for _ in range(_LEVELS):
            if container is None:
                break
            sums[container] = sums.get(container, 0) + amount
            container = container.parent
    return sums


def _build(container: Container) -> tuple[Container | None, str, str]:
    return container.parent, container.tag, container.names.split(" ", 1)[0]
