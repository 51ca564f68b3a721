"""What differs between two texts, word by word: paragraphs are compared first, then the words of those that differ.

The alignment is Bram Cohen's patience diff: words that occur once in both texts are anchors, of which the longest run
in the same order is kept; between two anchors the same is done again. It stays near linear on any input, where difflib
is quadratic and worse, and does not align texts by their commas and articles.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from worker.search.tokenizer import CJK

DEPTH = 16  #: how often what lies between two anchors is divided again
ALIKE = 0.3  #: share of the shorter text that must be common, or one is shown after the other as a whole

PARAGRAPH = re.compile(r"[^\n]*\n|[^\n]+")
_PART = r"\s!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u205e\u3000-\u3004\u3008-\u303f\uff01-\uff0f"  # blanks and punctuation
_WORD = rf"[^{_PART}{CJK}]+"
#: A number, a Chinese, Japanese or Korean character, a word, the end of a paragraph, blanks, a punctuation mark.
_TOKEN = re.compile(rf"\d+(?:[.,:]\d+)+|[{CJK}]|{_WORD}(?:['’]{_WORD})*|\n|[^\S\n]+|.", re.DOTALL)


class Op(StrEnum):
    KEEP = "keep"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Piece:
    """What is kept and deleted makes the old text, what is kept and inserted the new one."""

    op: Op
    text: str


def diff(old: str, new: str) -> tuple[Piece, ...]:
    """In the order of reading; no piece is empty, no two neighbours have the same `op`."""
    pieces: list[Piece] = []
    for deleted, inserted, kept in _segments(PARAGRAPH.findall(old), PARAGRAPH.findall(new)):
        pieces += _by_words(deleted, inserted)
        pieces.append(Piece(Op.KEEP, kept))
    return tuple(_joined(pieces))


def _by_words(old: str, new: str) -> Iterator[Piece]:
    segments = [(old, new, "")]
    if old and new:
        words = list(_segments(_TOKEN.findall(old), _TOKEN.findall(new)))
        if sum(len(kept) for _, _, kept in words) >= ALIKE * min(len(old), len(new)):
            segments = words
    for deleted, inserted, kept in segments:
        yield Piece(Op.DELETE, deleted)
        yield Piece(Op.INSERT, inserted)
        yield Piece(Op.KEEP, kept)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for op, run in groupby((p for p in pieces if p.text), lambda p: p.op):
        yield Piece(op, "".join(p.text for p in run))


def _segments(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(deleted, inserted, what follows that is common) from the beginning to the end."""
    i = j = 0
    for at, there in _common(old, new):
        yield "".join(old[i:at]), "".join(new[j:there]), old[at]
        i, j = at + 1, there + 1
    yield "".join(old[i:]), "".join(new[j:]), ""


def _common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of equal tokens, rising in both texts."""
    pairs: list[tuple[int, int]] = []
    ranges = [(0, len(old), 0, len(new), 0)]
    while ranges:
        i, i_end, j, j_end, depth = ranges.pop()
        while i < i_end and j < j_end and old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
            pairs.append((i_end, j_end))
        if i == i_end or j == j_end or depth == DEPTH:
            continue
        anchors = [(i + x, j + y) for x, y in _anchors(old[i:i_end], new[j:j_end])]
        pairs += anchors
        for at, there in (*anchors, (i_end, j_end)) if anchors else ():
            ranges.append((i, at, j, there, depth + 1))
            i, j = at + 1, there + 1
    return sorted(pairs)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of tokens that occur once in both, as many as stand in the same order."""
    times, places = Counter(old), {token: j for j, token in enumerate(new)}
    once = {token for token, n in Counter(new).items() if n == 1 and times[token] == 1 and _tells(token)}
    return _longest_rising([(i, places[token]) for i, token in enumerate(old) if token in once])


def _tells(word: str) -> bool:
    """Blanks and punctuation are no anchors, ends of paragraphs are."""
    return word == "\n" or any(c.isalnum() for c in word)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part in which the second place rises, too: patience sorting."""
    tops: list[int] = []  # of each pile, the second place of its top card
    cards: list[int] = []  # and which card that is
    below: list[int] = []  # for each card, the top of the pile before when it was laid
    for n, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        below.append(cards[pile - 1] if pile else -1)
        tops[pile : pile + 1], cards[pile : pile + 1] = [place], [n]
    found: list[tuple[int, int]] = []
    n = cards[-1] if cards else -1
    while n >= 0:
        found.append(pairs[n])
        n = below[n]
    return found[::-1]
