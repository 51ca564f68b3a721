"""Which blocks of the page are the story: rules first, then the model for what they leave."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from worker.reading import features, scoring
from worker.reading.blocks import Block
from worker.reading.features import Page
from worker.reading.furniture import Furniture
from worker.reading.screen import screen
from worker.reading.tree import Element

#: The least probability of a block that is kept.
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one block, and why."""

    block: Block
    kept: bool
    reason: str


def judge(
    blocks: Sequence[Block], page: Page, captions: Set[Element], furniture: Furniture | None = None
) -> list[Verdict]:
    """One verdict a block, in page order."""
    del furniture
    left, vectors, reasons = prepare(blocks, page, captions)
    probable = dict(zip(left, scoring.score(vectors), strict=True))
    return [_verdict(block, reasons.get(block), probable.get(block, 0.0)) for block in blocks]


def prepare(
    blocks: Sequence[Block], page: Page, captions: Set[Element]
) -> tuple[list[Block], list[list[float]], dict[Block, str]]:
    """What the model judges: the blocks that rules leave and their features; and the reasons for the others."""
    screened = screen(blocks, captions)
    left = [block for block in blocks if block not in screened.reasons]
    page = replace(page, opened=screened.opened, loose=screened.loose)
    return left, features.vectors(left, page), dict(screened.reasons)


def _verdict(block: Block, reason: str | None, probable: float) -> Verdict:
    if reason is not None:
        return Verdict(block, False, reason)
    return Verdict(block, probable >= THRESHOLD, f"model: {probable:.2f}")
