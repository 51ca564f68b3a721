"""Labels for training: which blocks of a page are in its gold body, by alignment of their words."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\w+")
_MAX_MATCHES = 6  # occurrences of one block's text in the gold body
_MAX_CANDIDATES = 3000


@dataclass(frozen=True)
class _Match:
    """A possible position of a block in the gold body, in words."""

    index: int
    start: int
    end: int
    weight: float
    share: float


def labels_of(texts: Sequence[str], row: Mapping[str, Any]) -> list[float]:
    """Return a label for each text of a labelled page: 1 for the article, 0 for the rest, NaN if unknown."""
    return _by_bodies(texts, row["bodies"]) if "bodies" in row else _by_snippets(texts, row)


def _by_bodies(texts: Sequence[str], bodies: Sequence[str]) -> list[float]:
    """Return labels by the gold body that the page agrees with most."""
    labelled = [label(texts, gold) for gold in bodies]
    return max(labelled, key=lambda shares: sum(s * len(t) for s, t in zip(shares, texts, strict=True)))


def _by_snippets(texts: Sequence[str], row: Mapping[str, Any]) -> list[float]:
    """Return labels for pages with a few known snippets, wanted and unwanted."""
    wanted, unwanted = ([" ".join(s.split()) for s in row[k]] for k in ("with_", "without"))
    return [
        1.0 if any(s in t for s in wanted) else 0.0 if any(s in t for s in unwanted) else float("nan") for t in texts
    ]


def label(texts: Sequence[str], gold: str) -> list[float]:
    """Return for each block the share of its words that the gold body has, in the gold body's order.

    The heaviest chain of matches counts. Long blocks that are in the gold body as a whole count at any position.
    """
    matches = _matches(texts, _TOKEN.findall(gold))
    shares = [0.0] * len(texts)
    for match in matches:
        if match.share >= 0.9 and match.end - match.start >= 12:
            shares[match.index] = match.share
    for match in _chain(matches):
        shares[match.index] = match.share
    return shares


def _matches(texts: Sequence[str], gold: list[str]) -> list[_Match]:
    joined = " " + " ".join(gold) + " "
    starts, at = [], 1
    for word in gold:
        starts.append(at)
        at += len(word) + 1
    first: dict[tuple[str, ...], int] = {}
    for i in range(len(gold) - 3):
        first.setdefault(tuple(gold[i : i + 4]), i)
    found: list[_Match] = []
    for index, text in enumerate(texts):
        words = _TOKEN.findall(text)
        if not words:
            continue
        whole = _whole(index, words, joined, starts)
        found += whole or _part(index, words, first)
    return sorted(found, key=lambda p: (p.index, p.start))[:_MAX_CANDIDATES]


def _whole(index: int, words: list[str], joined: str, starts: list[int]) -> list[_Match]:
    needle, at = " " + " ".join(words) + " ", -1
    found: list[_Match] = []
    while len(found) < _MAX_MATCHES and (at := joined.find(needle, at + 1)) >= 0:
        start = bisect_left(starts, at + 1)
        found.append(_Match(index, start, start + len(words), len(words), 1.0))
    return found


def _part(index: int, words: list[str], first: dict[tuple[str, ...], int]) -> list[_Match]:
    """Return the match of a block that the gold body has in part, or with other words between."""
    shingles = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
    hits = [first[s] for s in shingles if s in first]
    if len(words) < 6 or len(hits) < 0.3 * len(shingles):
        return []
    middle = sorted(hits)[len(hits) // 2]
    start, end = max(0, middle - len(words) // 2), middle + len(words) // 2
    if max(hits) + 4 - min(hits) <= 3 * len(words) + 10:
        start, end = min(hits), max(hits) + 4
    return [_Match(index, start, end, len(hits), len(hits) / len(shingles))]


def _chain(matches: Sequence[_Match]) -> list[_Match]:
    """Return the heaviest sequence of matches that goes forward in the page and in the gold body."""
    best: list[float] = []
    previous: list[int] = []
    for i, match in enumerate(matches):
        weight, link = match.weight, -1
        for j in range(i):
            other = matches[j]
            fits = other.index < match.index and other.end <= match.start + 2
            if fits and best[j] + match.weight > weight:
                weight, link = best[j] + match.weight, j
        best.append(weight)
        previous.append(link)
    chain = []
    at = max(range(len(matches)), key=lambda k: best[k], default=-1)
    while at >= 0:
        chain.append(matches[at])
        at = previous[at]
    return chain
