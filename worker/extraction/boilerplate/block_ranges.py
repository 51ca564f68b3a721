"""The blocks in each container, as a range of the page's blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.extraction.html.blocks import Block, Container, containers_of


def block_ranges(blocks: Sequence[Block]) -> Mapping[Container, tuple[int, int]]:
    """Return for each container the positions of its first block and of the block after its last one."""
    containers = containers_of(blocks)
    first: dict[Container, int] = {}
    last: dict[Container, int] = {}
    for position, block in enumerate(blocks):
        first.setdefault(block.container, position)
        last[block.container] = position + 1
    for container in reversed(containers):
        if (parent := container.parent) is not None:
            first[parent] = min(first.get(parent, first[container]), first[container])
            last[parent] = max(last.get(parent, 0), last[container])
    return {container: (first[container], last[container]) for container in containers}
