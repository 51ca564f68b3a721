"""Differences between two texts: first between paragraphs, then between the words of changed paragraphs.

The alignment is Bram Cohen's patience diff (package patiencediff): words that occur once in both texts are anchors. It
stays near linear on any input, where difflib is quadratic or worse, and it does not align texts by their commas and
short words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from patiencediff import PatienceSequenceMatcher

from worker.search.tokenizer import CJK

#: Share of the shorter text that must be common to show words. Below it, the new text follows the old one as a whole.
MIN_COMMON = 0.3

PARAGRAPH = re.compile(r"[^\n]*\n|[^\n]+")
_SEPARATORS = r"\s!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u205e\u3000-\u3004\u3008-\u303f\uff01-\uff0f"  # and punctuation
_WORD = rf"[^{_SEPARATORS}{CJK}]+"
#: A number, a Chinese, Japanese or Korean character, a word, the end of a paragraph, blanks, a punctuation mark.
_TOKEN = re.compile(rf"\d+(?:[.,:]\d+)+|[{CJK}]|{_WORD}(?:['’]{_WORD})*|\n|[^\S\n]+|.", re.DOTALL)


class Op(StrEnum):
    """The change of a piece of text."""

    KEEP = "keep"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a difference. Kept and deleted pieces form the old text, kept and inserted ones the new text."""

    op: Op
    text: str


def diff(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces in reading order. Each piece has text, and two neighbours differ in `op`."""
    pieces: list[Piece] = []
    for deleted, inserted, kept in _segments(PARAGRAPH.findall(old), PARAGRAPH.findall(new)):
        pieces += _diff_words(deleted, inserted)
        pieces.append(Piece(Op.KEEP, kept))
    return tuple(_merged(pieces))


def _diff_words(old: str, new: str) -> Iterator[Piece]:
    segments = [(old, new, "")]
    if old and new:
        words = list(_segments(_TOKEN.findall(old), _TOKEN.findall(new)))
        if sum(len(kept) for _, _, kept in words) >= MIN_COMMON * min(len(old), len(new)):
            segments = words
    for deleted, inserted, kept in segments:
        yield Piece(Op.DELETE, deleted)
        yield Piece(Op.INSERT, inserted)
        yield Piece(Op.KEEP, kept)


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for op, run in groupby((p for p in pieces if p.text), lambda p: p.op):
        yield Piece(op, "".join(p.text for p in run))


def _segments(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (deleted, inserted, the common token after them) from the beginning to the end."""
    i = j = 0
    for x, y in _common(old, new):
        yield "".join(old[i:x]), "".join(new[j:y]), old[x]
        i, j = x + 1, y + 1
    yield "".join(old[i:]), "".join(new[j:]), ""


def _common(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the positions of common tokens, in rising order in both texts.

    Only words are aligned. Separators are common where they touch a common word or the beginning or end of both texts.
    """
    i = j = 0
    for x, y in (*_common_words(old, new), (len(old), len(new))):
        end = 0
        while i < x and j < y and old[i] == new[j]:
            yield i, j
            i, j = i + 1, j + 1
        while end < min(x - i, y - j) and old[x - end - 1] == new[y - end - 1]:
            end += 1
        yield from ((x - n, y - n) for n in range(end, 0, -1))
        if x < len(old):
            yield x, y
        i, j = x + 1, y + 1


def _common_words(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    old_words = [i for i, token in enumerate(old) if _is_word(token)]
    new_words = [j for j, token in enumerate(new) if _is_word(token)]
    matcher = PatienceSequenceMatcher(None, [old[i] for i in old_words], [new[j] for j in new_words])
    for x, y, length in matcher.get_matching_blocks():
        yield from zip(old_words[x : x + length], new_words[y : y + length], strict=True)


def _is_word(text: str) -> bool:
    """Return True for words and for ends of paragraphs, False for blanks and punctuation."""
    return text == "\n" or any(c.isalnum() for c in text)
