"""Stems, which FTS5 knows only for English: words are cut by the Snowball stemmer of their language before indexing.

A stem carries its language, so that a German word never meets an English one by accident; the sign before it stands in
no word, so that stems and words share one vocabulary without meeting either.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from functools import cache

import Stemmer  # type: ignore[import-not-found]

from worker.storing.words import Word, fold

SIGN = "§"

#: ISO 639-1 -> Snowball's name: the languages that Elasticsearch has an analyzer for, too.
ALGORITHMS: Mapping[str, str] = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
_SAME_AS = {"nb": "no", "nn": "no"}

#: Articles that French, Italian and Catalan write before a vowel with an apostrophe.
_ELISIONS = {
    "fr": re.compile("^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'"),
    "it": re.compile("^(?:[cdlmstv]|un|all|dall|dell|nell|sull|coll|pell|gl|quest|quell)'"),
    "ca": re.compile("^[dlmnst]'"),
}
_local = threading.local()


def stems(language: str | None, text: str, found: Iterable[Word]) -> list[str]:
    """The signed stems of words found in a text; none for a language without a stemmer."""
    language = stemmed_language(language)
    if language is None:
        return []
    surfaces = [_without_article(language, text[w.start : w.end].lower().replace("’", "'")) for w in found]
    return [_signed(language, stem) for stem in _stemmer(language).stemWords(surfaces)]


def stemmed_language(language: str | None) -> str | None:
    """The code by which we stem a language: "nb" -> "no"; None if we cannot."""
    code = _SAME_AS.get(language or "", language or "")
    return code if code in ALGORITHMS else None


def _stemmer(language: str) -> Stemmer.Stemmer:
    """One a thread: they keep a buffer and a cache of their own."""
    kept: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if language not in kept:
        kept[language] = Stemmer.Stemmer(ALGORITHMS[language])
    return kept[language]


def _without_article(language: str, surface: str) -> str:
    pattern = _ELISIONS.get(language)
    return pattern.sub("", surface) if pattern and "'" in surface else surface


@cache
def _prefix(language: str) -> str:
    return SIGN + language


def _signed(language: str, stem: str) -> str:
    return _prefix(language) + fold(stem).replace(" ", "")
