"""Stems of words by the Snowball stemmer of their language. FTS5 itself can stem English only.

A stem includes its language, so that a German word never matches an English one by accident. It begins with a character
that no word contains, so that stems and words can share one vocabulary.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found]

from worker.search.fields import LANGUAGES, stemmed_as
from worker.search.tokenizer import fold

SIGN = "§"

#: Articles that French, Italian and Catalan write before a vowel with an apostrophe.
_ELISIONS = {
    "fr": re.compile("^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'"),
    "it": re.compile("^(?:[cdlmstv]|un|all|dall|dell|nell|sull|coll|pell|gl|quest|quell)'"),
    "ca": re.compile("^[dlmnst]'"),
}
_local = threading.local()


def stems(language: str | None, surfaces: Iterable[str]) -> list[str]:
    """Return the stems of words as written in a text; an empty list for a language without a stemmer."""
    code = stemmed_as(language)
    return [stem(code, surface) for surface in surfaces] if code else []


@lru_cache(maxsize=1 << 16)
def stem(code: str, surface: str) -> str:
    """Return the folded stem of one word, after that character and the code of its language."""
    word = _without_article(code, surface.lower().replace("’", "'"))
    return SIGN + code + fold(_stemmer(code).stemWord(word)).replace(" ", "")


def _stemmer(language: str) -> Stemmer.Stemmer:
    """Return the stemmer of this thread: a stemmer has a buffer and a cache of its own."""
    kept: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if language not in kept:
        kept[language] = Stemmer.Stemmer(LANGUAGES[language])
    return kept[language]


def _without_article(language: str, surface: str) -> str:
    pattern = _ELISIONS.get(language)
    return pattern.sub("", surface) if pattern and "'" in surface else surface
