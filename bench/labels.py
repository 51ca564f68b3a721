"""Which blocks of a page stand in its gold body: labels for training, by aligning the blocks' words with the gold's."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"\w+")
_MAX_PLACES = 6  # of one block's text in the gold
_MAX_CANDIDATES = 3000


@dataclass(frozen=True)
class _Place:
    """Where a block may stand in the gold, in words."""

    index: int
    start: int
    end: int
    weight: float
    share: float


def label(texts: Sequence[str], gold: str) -> list[float]:
    """For each block the share of its words that the gold has, in the gold's order: the heaviest chain of places.

    Long blocks that stand whole in the gold count wherever they stand.
    """
    places = _places(texts, _TOKEN.findall(gold))
    shares = [0.0] * len(texts)
    for place in places:
        if place.share >= 0.9 and place.end - place.start >= 12:
            shares[place.index] = place.share
    for place in _chain(places):
        shares[place.index] = place.share
    return shares


def _places(texts: Sequence[str], gold: list[str]) -> list[_Place]:
    joined = " " + " ".join(gold) + " "
    starts, at = [], 1
    for word in gold:
        starts.append(at)
        at += len(word) + 1
    first: dict[tuple[str, ...], int] = {}
    for i in range(len(gold) - 3):
        first.setdefault(tuple(gold[i : i + 4]), i)
    found: list[_Place] = []
    for index, text in enumerate(texts):
        words = _TOKEN.findall(text)
        if not words:
            continue
        whole = _whole(index, words, joined, starts)
        found += whole or _part(index, words, first)
    return sorted(found, key=lambda p: (p.index, p.start))[:_MAX_CANDIDATES]


def _whole(index: int, words: list[str], joined: str, starts: list[int]) -> list[_Place]:
    needle, at = " " + " ".join(words) + " ", -1
    found: list[_Place] = []
    while len(found) < _MAX_PLACES and (at := joined.find(needle, at + 1)) >= 0:
        start = bisect_left(starts, at + 1)
        found.append(_Place(index, start, start + len(words), len(words), 1.0))
    return found


def _part(index: int, words: list[str], first: dict[tuple[str, ...], int]) -> list[_Place]:
    """A block of which the gold has only a part, or other words between."""
    shingles = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
    hits = [first[s] for s in shingles if s in first]
    if len(words) < 6 or len(hits) < 0.3 * len(shingles):
        return []
    middle = sorted(hits)[len(hits) // 2]
    start, end = max(0, middle - len(words) // 2), middle + len(words) // 2
    if max(hits) + 4 - min(hits) <= 3 * len(words) + 10:
        start, end = min(hits), max(hits) + 4
    return [_Place(index, start, end, len(hits), len(hits) / len(shingles))]


def _chain(places: Sequence[_Place]) -> list[_Place]:
    """The heaviest sequence of places that go forward in the page and in the gold."""
    best: list[float] = []
    before: list[int] = []
    for i, place in enumerate(places):
        weight, link = place.weight, -1
        for j in range(i):
            other = places[j]
            fits = other.index < place.index and other.end <= place.start + 2
            if fits and best[j] + place.weight > weight:
                weight, link = best[j] + place.weight, j
        best.append(weight)
        before.append(link)
    chain = []
    at = max(range(len(places)), key=lambda k: best[k], default=-1)
    while at >= 0:
        chain.append(places[at])
        at = before[at]
    return chain
