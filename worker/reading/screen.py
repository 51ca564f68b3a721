"""Blocks that are furniture by rule, before the model judges the rest: captions, zones, phrases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from worker.reading import noise
from worker.reading.blocks import Block, Place, places_of, prose
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
    by_place = _by_place(blocks, captions)
    reasons: dict[Block, str] = {}
    openers: list[Block] = []
    loose = set()
    for block in blocks:
        reason = by_place.get(block.place) or _inline_caption(block, captions)
        if reason is None and (found := phrases.find(block.text)) is not None:
            if found.is_loose:
                loose.add(block)
            else:
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


def _by_place(blocks: Sequence[Block], captions: Set[Element]) -> Mapping[Place, str]:
    """Places that are captions or zones, and all in them."""
    places = places_of(blocks)
    zones = _zones(blocks, places)
    found: dict[Place, str] = {}
    for place in places:
        if place.parent is not None and place.parent in found:
            found[place] = found[place.parent]
        elif place.node in captions:
            found[place] = "caption"
        elif place in zones:
            found[place] = f"zone: {zones[place]}"
    return found


def _inline_caption(block: Block, captions: Set[Element]) -> str | None:
    """Where an inline caption or credit is all that the block holds."""
    for node in block.nodes[:4]:
        if node in captions and len(text_of(node)) * 10 >= len(block.text) * 9:
            return "caption"
    return None


def _zones(blocks: Sequence[Block], places: Sequence[Place]) -> Mapping[Place, str]:
    """Places that are named as furniture, those left out that hold the page's prose itself."""
    named = {p: r for p in places if p.tag not in ("html", "body", "main") and (r := zone_of(p.names)) is not None}
    if not named:
        return named
    under: Counter[Place] = Counter()
    total = 0.0
    for block in blocks:
        if weight := prose(block):
            total += weight
            for place in block.ancestors():
                under[place] += weight  # type: ignore[assignment]
    return {place: reason for place, reason in named.items() if _is_believed(reason, under[place], total)}


def _is_believed(reason: str, inside: float, total: float) -> bool:
    return total - inside >= _MIN_OUTSIDE if reason == "comments" else inside * 2 <= total
