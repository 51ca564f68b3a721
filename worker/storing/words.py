"""Text as words that can be compared: where they stand, and what they are once case, accents and width are folded.

Words are cut as Unicode's word boundaries have it (UAX #29, close enough for news) and as Elasticsearch's `standard`
tokenizer does: a full stop or an apostrophe between two letters does not part them, nor a comma between two digits.
Chinese, Japanese and Korean have no blanks to go by, so a run of theirs becomes its overlapping pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

CJK = (  # ideographs, kana and Hangul, as ranges of a character class
    "\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
_LETTER = rf"[^\W\d_{CJK}\u0e00-\u0e7f]"
_MARK = (  # accents and vowel signs that \w leaves out: Latin, Hebrew, Arabic, Devanagari
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u0900-\u0903\u093a-\u094f"
    "\u200c\u200d]"
)
_WORD = re.compile(
    rf"[{CJK}]+"
    rf"|(?!_+\b)(?:[^\W{CJK}]|{_MARK})+(?:(?:(?<={_LETTER})[.:'’·](?={_LETTER})|(?<=\d)[.,;'’](?=\d))(?:[^\W{CJK}]|{_MARK})+)*"
)
_IS_CJK = re.compile(rf"[{CJK}]")
_LATIN_MARKS = re.compile("([a-z])[\u0300-\u036f]+")
#: Letters that Unicode does not decompose and that people type without their strokes, as in Lucene's ASCII folding.
_STROKES = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t",
    "ß": "ss", "’": "'",
})  # fmt: skip


class Word(NamedTuple):
    start: int  #: offsets in the text
    end: int
    term: str  #: folded


def fold(text: str) -> str:
    """Lower case, full width made half, accents of Latin letters left out."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub(r"\1", decomposed)).translate(_STROKES)


def words(text: str) -> Iterator[Word]:
    """The words of a text in order; of a run of Chinese, Japanese or Korean, its pairs."""
    for match in _WORD.finditer(text):
        start, end, run = match.start(), match.end(), match.group()
        if end - start == 1 or not _IS_CJK.match(run):
            yield Word(start, end, fold(run))
        else:
            for i in range(end - start - 1):
                yield Word(start + i, start + i + 2, fold(run[i : i + 2]))


def terms(text: str) -> list[str]:
    """The folded words alone."""
    return [word.term for word in words(text)]


def is_cjk(term: str) -> bool:
    """Whether a folded word is (a pair) of Chinese, Japanese or Korean characters."""
    return bool(_IS_CJK.match(term))
