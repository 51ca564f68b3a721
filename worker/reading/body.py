"""Which blocks of the page are the story."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from worker.reading.blocks import Block, Place
from worker.reading.features import Page
from worker.reading.furniture import Furniture
from worker.reading.tree import Element


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one block, and why."""

    block: Block
    kept: bool
    reason: str


def judge(blocks: Sequence[Block], page: Page, furniture: Furniture | None = None) -> list[Verdict]:
    """One verdict a block, in page order."""
    del furniture
    scores: dict[Place, float] = {}
    for block in blocks:
        if not _is_prose(block):
            continue
        worth = 1.0 + min(len(block.text) / 100, 3) + block.text.count(",")
        for share, place in zip((0.5, 1.0, 0.5, 0.25), block.ancestors(), strict=False):
            scores[place] = scores.get(place, 0.0) + worth * share
    best = max(scores, key=lambda p: scores[p], default=None)
    return [_verdict(block, best, page.captions) for block in blocks]


def _verdict(block: Block, best: Place | None, captions: Set[Element]) -> Verdict:
    if best is None or all(place is not best for place in block.ancestors()):
        return Verdict(block, False, "outside the story")
    if any(place.node in captions or place.tag == "figcaption" for place in block.ancestors()):
        return Verdict(block, False, "caption")
    if block.link_chars * 2 > len(block.text):
        return Verdict(block, False, "links")
    return Verdict(block, True, "prose")


def _is_prose(block: Block) -> bool:
    return len(block.text) > 60 and block.link_chars * 3 < len(block.text)
