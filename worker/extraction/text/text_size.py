"""How much a text says, whatever its script: Han and Kana say with one sign what takes others about three letters, and
put no space between words; a syllable of Hangul stands for about two letters.
"""

from __future__ import annotations

import re

#: Han and Kana.
CJK = r"\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_CJK = re.compile(f"[{CJK}]")
_EASTERN = re.compile(r"[\u3005-\ufaff]")  # Han, Kana and Hangul, and what lies between: most texts hold none
_SYLLABLE = re.compile(r"[\uac00-\ud7af]")
_LETTERS_MORE = 2  #: that a sign stands for, beside itself
_SIGNS_A_WORD = 2
_COMMAS = ",،，、"

_WORD = re.compile(r"\w+")
#: Vowel signs and other marks of Indian scripts and Thai, which Python counts to no word.
_MARKS = r"\u0900-\u0dff\u0e31-\u0e4e"
_UNLIKE = re.compile(rf"[{CJK}{_MARKS}]")
_WORD_OR_SIGN = re.compile(rf"[{CJK}]|(?:[^\W{CJK}]|[{_MARKS}])+")


def is_cjk(text: str) -> bool:
    """Whether it holds Han, Kana or Hangul."""
    return not text.isascii() and _EASTERN.search(text) is not None


def size(text: str) -> int:
    """Its length in letters of an alphabet."""
    if not is_cjk(text):
        return len(text)
    return len(text) + _LETTERS_MORE * len(_CJK.findall(text)) + len(_SYLLABLE.findall(text))


def extent(text: str) -> tuple[int, int]:
    """Its size and its words at one look."""
    spaces = text.count(" ") + 1
    if not is_cjk(text):
        return len(text), spaces
    return size(text), words(text)


def words(text: str) -> int:
    """About how many words it has, at least one."""
    spaces = text.count(" ") + 1
    return spaces if not is_cjk(text) else spaces + len(_CJK.findall(text)) // _SIGNS_A_WORD


def commas(text: str) -> int:
    return text.count(",") if text.isascii() else sum(map(text.count, _COMMAS))


def tokens(text: str) -> list[str]:
    """Its words; each sign is one, since nothing parts words of signs."""
    if text.isascii() or not _UNLIKE.search(text):
        return _WORD.findall(text)
    return _WORD_OR_SIGN.findall(text)
