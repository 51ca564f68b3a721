"""Blocks of the same structure are judged together: paragraphs of one element, items of one list, posts of a live blog.

A list also follows the paragraph that introduces it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from worker.extraction.html.blocks import Block, Container

_OTHERS = 0.3  #: weight of the other blocks of the same structure in the log-odds of each block
_LEAST = 3  #: blocks of the same structure that vote, at least
_LIST_TAGS = ("ul", "ol", "dl")
_LINKED_SHARE = 0.4  #: share of links in a list's text: a list with more is a list of links
_INTRODUCED = 2.0  #: log-odds that a kept paragraph with a colon at its end adds to the list after it
_COLONS = (":", "：")
_LIMIT = 1e-4  #: probabilities are kept at this distance from 0 and 1


def vote(blocks: Sequence[Block], probabilities: Mapping[Block, float], threshold: float) -> dict[Block, float]:
    """Return the probabilities after the vote of blocks with the same structure.

    `blocks` are all blocks of the page. Those without a probability do not vote.
    """
    odds = {block: _log_odds(p) for block, p in probabilities.items()}
    found = dict(odds)
    for group in _groups(odds):
        weights = [math.sqrt(b.size + 1) for b in group]
        total, weight = sum(w * odds[b] for w, b in zip(weights, group, strict=True)), sum(weights)
        for block, own in zip(group, weights, strict=True):
            others = (total - own * odds[block]) / (weight - own)
            found[block] = (1 - _OTHERS) * odds[block] + _OTHERS * others
    for items in _lists(found):
        if _is_introduced(items[0], blocks, found, _log_odds(threshold)):
            found |= {b: found[b] + _INTRODUCED for b in items}
    return {block: 1 / (1 + math.exp(-value)) for block, value in found.items()}


def _groups(blocks: Mapping[Block, float]) -> list[list[Block]]:
    """Return the blocks with the same tag and names, in parents of the same build, in one element."""
    groups: dict[object, list[Block]] = {}
    for block in blocks:
        container, parent = block.container, block.container.parent
        around = (parent.tag, _without_numbers(parent.names), parent.parent) if parent is not None else None
        groups.setdefault((container.tag, _without_numbers(container.names), around), []).append(block)
    return [group for group in groups.values() if len(group) >= _LEAST]


@lru_cache(maxsize=4096)
def _without_numbers(names: str) -> str:
    """Return the names that siblings share: without those with digits (such as "post-17")."""
    return " ".join(name for name in names.split() if not any(map(str.isdigit, name)))


def _lists(blocks: Mapping[Block, float]) -> list[list[Block]]:
    """Return the items of each list that is not a list of links, in order."""
    lists: dict[Container, list[Block]] = {}
    for block in blocks:
        parent = block.container.parent
        if parent is not None and parent.tag in _LIST_TAGS:
            lists.setdefault(parent, []).append(block)
    return [
        items
        for items in lists.values()
        if sum(b.link_chars for b in items) <= sum(len(b.text) for b in items) * _LINKED_SHARE
    ]


def _is_introduced(first: Block, blocks: Sequence[Block], odds: Mapping[Block, float], threshold: float) -> bool:
    """Return True if the block before a list is kept, ends with a colon, and is in the same element."""
    around = first.container.parent
    if first.index == 0 or around is None:
        return False
    before = blocks[first.index - 1]
    return (
        before.text.endswith(_COLONS)
        and odds.get(before, -math.inf) >= threshold
        and before.container.parent is around.parent
    )


def _log_odds(probability: float) -> float:
    p = min(max(probability, _LIMIT), 1 - _LIMIT)
    return math.log(p / (1 - p))
