"""Length of texts, comparable between scripts.

A character of Chinese or Japanese carries as much as three letters of an alphabet, and no spaces separate words; a
Hangul syllable carries as much as two letters.
"""

from __future__ import annotations

import re

#: Han and Kana.
CJK = r"\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_CJK = re.compile(f"[{CJK}]")
_EAST_ASIAN = re.compile(r"[\u3005-\ufaff]")  # Han, Kana, Hangul and the characters between; most texts have none
_SYLLABLE = re.compile(r"[\uac00-\ud7af]")
_LETTERS_MORE = 2  #: additional letters that a Chinese or Japanese character counts for
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
_UNSPACED_PER_WORD = 6  #: their characters, signs included, that count as one word
_CJK_PER_WORD = 2  #: characters of Chinese or Japanese that count as one word
_COMMAS = ",،，、"

_WORD = re.compile(r"\w+")
#: Vowel signs and other marks of Indian scripts and Thai, which are not word characters in Python.
_MARKS = r"\u0900-\u0dff\u0e31-\u0e4e"
_NOT_IN_WORD = re.compile(rf"[{CJK}{_MARKS}]")
_WORD_OR_SIGN = re.compile(rf"[{CJK}]|(?:[^\W{CJK}]|[{_MARKS}])+")


def is_cjk(text: str) -> bool:
    """Return True if the text has Han, Kana or Hangul."""
    return not text.isascii() and _EAST_ASIAN.search(text) is not None


def size(text: str) -> int:
    """Return the length of a text in letters of an alphabet."""
    if not is_cjk(text):
        return len(text)
    return len(text) + _LETTERS_MORE * len(_CJK.findall(text)) + len(_SYLLABLE.findall(text))


def extent(text: str) -> tuple[int, int]:
    """Return the size and the number of words of a text."""
    spaces = text.count(" ") + 1
    if text.isascii():
        return len(text), spaces
    return size(text), words(text)


def words(text: str) -> int:
    """Return the approximate number of words of a text, at least one."""
    spaces = text.count(" ") + 1
    if text.isascii():
        return spaces
    if _UNSPACED.search(text):
        return spaces + len(_UNSPACED.findall(text)) // _UNSPACED_PER_WORD
    return spaces if not is_cjk(text) else spaces + len(_CJK.findall(text)) // _CJK_PER_WORD


def commas(text: str) -> int:
    """Return the number of commas of a text, in any script."""
    return text.count(",") if text.isascii() else sum(map(text.count, _COMMAS))


def tokens(text: str) -> list[str]:
    """Return the words of a text.

    Each Chinese or Japanese character is a token, since spaces do not separate words there.
    """
    if text.isascii() or not _NOT_IN_WORD.search(text):
        return _WORD.findall(text)
    return _WORD_OR_SIGN.findall(text)
