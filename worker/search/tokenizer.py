"""The words of a text, their positions, and their folded forms, without case, accents and full width.

Words end at Unicode's word boundaries (UAX #29, close enough for news), as in Elasticsearch's `standard` tokenizer: a
full stop or an apostrophe between two letters belongs to the word, and so does a comma between two digits. Chinese,
Japanese and Korean have no blanks between words, so a run of their characters becomes its overlapping pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

CJK = (  # ideographs, kana and Hangul, as ranges of a character class
    "\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
_MARKS = (  # accents and vowel signs that \\w does not match: Latin, Hebrew, Arabic, Devanagari; and joiners
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u0900-\u0903\u093a-\u094f"
    "\u200c\u200d"
)
_LETTER = rf"[^\W\d_{CJK}\u0e00-\u0e7f]"
_WORD = re.compile(
    rf"[\w{_MARKS}]+(?:[.:,;'’·](?:(?<={_LETTER}[.:'’·])(?={_LETTER})|(?<=\d[.,;'’])(?=\d))[\w{_MARKS}]+)*"
)
#: The same for ASCII texts; six times as fast.
_ASCII_WORD = re.compile(r"\w+(?:[.:,;'](?:(?<=[^\W\d_][.:'])(?=[^\W\d_])|(?<=\d[.,;'])(?=\d))\w+)*", re.ASCII)
_RUN = re.compile(rf"[{CJK}]+|[^{CJK}]+")
_IS_CJK = re.compile(rf"[{CJK}]")
_LATIN_MARKS = re.compile("([a-z])[\u0300-\u036f]+")
#: Letters that Unicode does not decompose but users type without their strokes, as in Lucene's ASCII folding.
_STROKES = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t",
    "ß": "ss", "’": "'",
})  # fmt: skip


Word = tuple[int, str]
"""The start of a word in a text, and the word as written. A plain tuple, since there are thousands."""


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Return a word in lower case and half width, without the accents of Latin letters."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word).lower()
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub(r"\1", decomposed)).translate(_STROKES)


def surfaces(text: str) -> list[str]:
    """Return the words of a text in order, as written; pairs of characters for Chinese, Japanese and Korean."""
    if text.isascii() and "_" not in text:
        return _ASCII_WORD.findall(text)
    return [surface for _, surface in words(text)]


def words(text: str) -> list[Word]:
    """Return the words of `surfaces` with their positions."""
    pattern = _ASCII_WORD if text.isascii() else _WORD
    found = [(match.start(), match.group()) for match in pattern.finditer(text)]
    if "_" in text:
        found = [(at, run) for at, run in found if run.strip("_")]
    if text.isascii() or not _IS_CJK.search(text):
        return found
    return [(at + start, run[start:end]) for at, run in found for start, end in _parts(run)]


def terms(text: str) -> list[str]:
    """Return the folded words of a text, the form in which words are compared."""
    return [fold(surface) for surface in surfaces(text)]


def _parts(run: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the words in an unbroken run: scripts separate words, CJK becomes pairs of characters."""
    for match in _RUN.finditer(run):
        start, end = match.span()
        if end - start == 1 or not _IS_CJK.match(run, start):
            yield start, end
        else:
            yield from ((i, i + 2) for i in range(start, end - 1))


def is_cjk(term: str) -> bool:
    """Return True if a folded word consists of Chinese, Japanese or Korean characters."""
    return bool(_IS_CJK.match(term))
