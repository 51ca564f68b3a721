"""Blocks that are furniture by rule, before the model judges the rest: captions, zones, phrases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from worker.reading import noise
from worker.reading.blocks import Block, Place, prose
from worker.reading.naming import zone_of
from worker.reading.tree import Element, text_of

_MIN_OUTSIDE = 300  #: characters of prose that must stand outside a zone of comments for it to be believed


_REACH = 11  #: blocks after an opener that it may still speak for
_LEVELS = 3  #: how far up an opener's container is looked for


@dataclass(frozen=True, slots=True)
class Screened:
    reasons: Mapping[Block, str]  #: of blocks that are out
    opened: Mapping[
        Block, tuple[int, int]
    ]  #: blocks after a heading like "Related stories": how far, levels they share
    loose: Set[Block]  #: blocks that hold a phrase of furniture which may stand in prose too


def screen(blocks: Sequence[Block], captions: Set[Element], phrases: noise.Phrases | None = None) -> Screened:
    """Captions, blocks in zones, blocks that are a phrase of the noise table."""
    phrases = phrases or noise.table()
    zones = _zones(blocks)
    reasons: dict[Block, str] = {}
    openers: list[Block] = []
    loose = set()
    for block in blocks:
        reason = _by_place(block, captions, zones)
        if reason is None:
            found = phrases.find(block.text)
            if found is not None and found.is_loose:
                loose.add(block)
            elif found is not None:
                reason = f"{found.reason}: {found.text}"
                if found.reason in ("opens", "promo"):
                    openers.append(block)
        if reason is not None:
            reasons[block] = reason
    return Screened(reasons, _opened(blocks, openers), loose)


def _opened(blocks: Sequence[Block], openers: Sequence[Block]) -> Mapping[Block, tuple[int, int]]:
    """For the blocks after each opener: their distance to it, and by how many levels up it is in the same container."""
    found = {}
    for opener in openers:
        around = [place for _, place in zip(range(_LEVELS + 1), opener.ancestors(), strict=False)]
        for distance, block in enumerate(blocks[opener.index + 1 : opener.index + 1 + _REACH], 1):
            places = set(block.ancestors())
            levels = next((up for up, place in enumerate(around) if place in places), _LEVELS + 1)
            found[block] = (distance, levels)
    return found


def _by_place(block: Block, captions: Set[Element], zones: Mapping[Place, str]) -> str | None:
    for place in block.ancestors():
        if place.node in captions:
            return "caption"
        if place in zones:
            return f"zone: {zones[place]}"
    if captions and any(node in captions for node in block.nodes[:4]) and _covers(block, captions):
        return "caption"
    return None


def _covers(block: Block, captions: Set[Element]) -> bool:
    """Whether an inline caption or credit is all that the block holds."""
    return any(node in captions and len(text_of(node)) * 10 >= len(block.text) * 9 for node in block.nodes[:4])


def _zones(blocks: Sequence[Block]) -> Mapping[Place, str]:
    """Places that are named as furniture, those left out that hold the page's prose itself."""
    under: Counter[Place] = Counter()
    for block in blocks:
        weight = prose(block)
        for place in block.ancestors():
            under[place] += weight  # type: ignore[assignment]
    total = sum(map(prose, blocks))
    found = {}
    for place in _places(blocks):
        reason = zone_of(place.names) if place.tag not in ("html", "body", "main") else None
        if reason and _is_believed(reason, under[place], total):
            found[place] = reason
    return found


def _is_believed(reason: str, inside: float, total: float) -> bool:
    return total - inside >= _MIN_OUTSIDE if reason == "comments" else inside * 2 <= total


def _places(blocks: Iterable[Block]) -> Iterable[Place]:
    seen: set[Place] = set()
    for block in blocks:
        for place in block.ancestors():
            if place in seen:
                break
            seen.add(place)
            yield place
