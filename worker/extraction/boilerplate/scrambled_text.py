"""Scrambled text: paragraphs that a paywall has encrypted (ROT13, ROT47, Base64), and dummy text in their place.

Such text has no function words and unnatural letters, while the free paragraphs beside it are ordinary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set

from worker.extraction.html.blocks import Block
from worker.extraction.html.class_names import function_words

_SAMPLE = 400  #: characters of a block that are examined
_MIN_WORDS = 8
_MIN_LETTERS = 60  #: letters from which their statistics say something
_FUNCTION_WORDS = 0.12  #: share of function words in ordinary prose, at least
_HARDLY_ANY = 0.05  #: share of function words in scrambled text, at most
_VOWELS_SHARE = (0.3, 0.62)  #: share of vowels among letters in ordinary prose
_MIXED_SHARE = 0.3  #: share of words with digits or signs between letters, in scrambled text at least
_LONG_WORD = 120  #: characters of a word that is data, not a word
_DUMMY = frozenset(["lorem", "ipsum", "dolor", "amet", "consectetur", "adipiscing", "elit", "sed", "eiusmod", "tempor"])
_DUMMY_WORDS = 4  #: different words of the dummy text that make a block dummy text
_MIXED = re.compile(r"[^\W\d_][^\w\s'’.\-‐–—/&@]+\w|[^\W\d_][2-9@=][\w@=:?]")
_NAMED = re.compile(r"encrypt|obfuscat|scrambl|cipher", re.I)
_VOWELS = frozenset("aeiouyаеёиоуыэюяіїєαεηιουω")
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK")


def find_scrambled(blocks: Sequence[Block]) -> Set[Block]:
    """Return the blocks whose text is scrambled, if the page also has ordinary prose, and the dummy texts."""
    found = set()
    doubtful: list[Block] = []
    has_prose = False
    for block in blocks:
        if not block.prose or (block.words < _MIN_WORDS and len(block.text) <= _LONG_WORD):
            continue
        words = block.text[:_SAMPLE].casefold().split()
        share = sum(map(function_words().__contains__, words)) / len(words)
        if (len(_DUMMY.intersection(words)) >= _DUMMY_WORDS and "lorem" in words) or _is_data(block.text):
            found.add(block)
        elif share <= _HARDLY_ANY:
            doubtful.append(block)
        elif share >= _FUNCTION_WORDS:
            has_prose = True
    if has_prose:
        found |= {block for block in doubtful if _is_scrambled(block)}
    return found


def _is_data(text: str) -> bool:
    """Return True if most of the text is one long "word" of ASCII letters and digits, as in Base64."""
    longest = max(text.split(), key=len)
    return len(longest) > _LONG_WORD and len(longest) * 2 > len(text) and longest.isascii() and "//" not in longest[:10]


def _is_scrambled(block: Block) -> bool:
    """Return True if the letters of a text without function words are unnatural, or its element is named so."""
    containers = list(block.ancestors())
    if any(container.tag in ("pre", "code", "table") for container in containers):
        return False
    if any(_NAMED.search(container.names) for container in containers):
        return True
    text = block.text[:_SAMPLE].casefold().replace("й", "ж")  # so that it stays a consonant
    letters = [c for c in unicodedata.normalize("NFD", text) if c.isalpha()]
    if not all(unicodedata.name(c, "").startswith(_ALPHABETS) for c in letters[:40]):
        return False
    words = text.split()
    if sum(_MIXED.search(word) is not None for word in words) >= len(words) * _MIXED_SHARE:
        return True
    vowels = sum(map(_VOWELS.__contains__, letters))
    low, high = _VOWELS_SHARE
    return len(letters) >= _MIN_LETTERS and not len(letters) * low <= vowels <= len(letters) * high
