"""The language of a text, by its script and then by the most frequent small words of each language.

A page's language tag often names the template's language, not the article's. It decides only if the text is too short,
or if two languages score nearly the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from worker.extraction import word_tables

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 2500  #: characters that are examined
_OTHER_SCRIPT = re.compile(r"[\u0370-\u03ff\u0530-\u08ff\u0900-\u1fff\u3040-\u9fff\uac00-\ud7af]")
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
    ("gu", re.compile(r"[\u0a80-\u0aff]")),
    ("pa", re.compile(r"[\u0a00-\u0a7f]")),
    ("kn", re.compile(r"[\u0c80-\u0cff]")),
    ("ml", re.compile(r"[\u0d00-\u0d7f]")),
    ("my", re.compile(r"[\u1000-\u109f]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("am", re.compile(r"[\u1200-\u137f]")),
    ("si", re.compile(r"[\u0d80-\u0dff]")),
)


def identify(text: str, declared: str | None = None) -> tuple[str | None, float]:
    """Return the ISO 639-1 code (None if unknown) and the share of the evidence for it, 0 to 1.

    `declared` is the page's language tag; it decides doubtful cases.
    """
    sample = text[:_SAMPLE]
    tag = (declared or "").strip().lower().replace("_", "-").split("-")[0]
    if script := _by_script(sample):
        return script
    scores = _scores(sample)
    (best, first), (_, second) = (*sorted(scores.items(), key=lambda s: -s[1])[:2], ("", 0.0), ("", 0.0))[:2]
    if first < 1.2 or (second > 0.9 * first and tag in scores and scores[tag] > 0.9 * first):
        return (tag or None, 0.0) if len(tag) == 2 else (best or None, 0.0)
    return best, first / (first + second)


def _by_script(sample: str) -> tuple[str, float] | None:
    if not _OTHER_SCRIPT.search(sample):
        return None
    letters = sum(map(len, _WORD.findall(sample)))
    for code, pattern in _SCRIPTS:
        share = len(pattern.findall(sample)) / letters if letters else 0.0
        if share > (0.12 if code == "ja" else 0.35):
            return code, min(1.0, share)
    return None


def _scores(sample: str) -> dict[str, float]:
    """Return a score per language: how many of the words are its small words.

    A word that several languages have counts for each of them in part.
    """
    scores: dict[str, float] = {}
    counted = Counter(w.lower() for w in _WORD.findall(sample))
    for word, times in counted.items():
        languages = _words().get(word, ())
        for code in languages:
            scores[code] = scores.get(code, 0.0) + times / len(languages)
    return scores


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    """Return the languages that have each small word."""
    table = word_tables.load("languages")["words"]
    found: dict[str, list[str]] = {}
    for code, words in table.items():
        for word in words.split():
            found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}
