"""The charset of bytes that do not declare it, or declare it wrongly, by the page's language and frequent letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from worker.extraction import word_tables

_SAMPLE = 60_000  #: bytes of text that are examined
_UNREAD = re.compile(rb"<(script|style)\b.*?(?:</\1\s*>|$)|<[^>]*>", re.I | re.S)
_LANGUAGE = re.compile(rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([a-z]{2,3})\b", re.I)
_LIKELY = 0.5  #: the least share of frequent letters, as a part of the usual one, of a charset that is believed
_OF_LANGUAGE = 1.3  #: the weight of a charset of the page's language
_BETTER = 1.2  #: how much likelier than the declared charset another one must be
_DENSE = 0.55  #: the least share of letters beyond ASCII, in words that have any, where letters are not Latin
_ENOUGH = 4  #: characters beyond ASCII


class _Sniffed(NamedTuple):
    languages: frozenset[str]
    frequent: frozenset[str]
    share: float
    is_latin: bool


def best_charset(body: bytes, declared: Sequence[str]) -> str | None:
    """Return the first declared charset that the text looks like, else the likeliest one.

    Without a likely one it is the first declared one, or None.
    """
    text, language = _text(body), _language(body)
    first = declared[0] if declared else None
    if not text:
        return first
    scores = {name: _score(text, name, language) for name in _table()}
    for name in declared:
        if scores.get(name, 0.0) >= _LIKELY and _suits(name, language):
            return name
    best = max(scores, key=lambda name: scores[name])
    is_likely = scores[best] >= _LIKELY and (first is None or scores[best] > _BETTER * scores.get(first, _LIKELY))
    return best if is_likely else first


def _suits(charset: str, language: str | None) -> bool:
    """Return True if a charset is one of the page's language, or the language is unknown."""
    known = any(language in entry.languages for entry in _table().values())
    return not known or language in _table()[charset].languages


def _text(body: bytes) -> bytes:
    """Return the page's text around its markup, or nothing if it has hardly a character beyond ASCII."""
    text = _UNREAD.sub(b" ", body[: 8 * _SAMPLE])
    high = [piece for piece in text.split() if not piece.isascii()]
    sample = b" ".join(high)[:_SAMPLE]
    return sample if len(sample.translate(None, bytes(range(128)))) >= _ENOUGH else b""


def _language(body: bytes) -> str | None:
    match = _LANGUAGE.search(body, 0, 5_000)
    return match[1].decode().lower() if match else None


def _score(text: bytes, charset: str, language: str | None) -> float:
    """Return how likely a charset is: about 1 for ordinary text of its languages."""
    entry = _table()[charset]
    decoded = text.decode(charset, "replace")
    letters = [c for c in decoded if c > "\x7f"]
    wrong = sum(c == "\ufffd" or "\x80" <= c <= "\x9f" or "\ue000" <= c <= "\uf8ff" for c in letters)
    if not letters or wrong * 50 > len(letters) + 50:
        return 0.0
    is_dense = len(letters) > _DENSE * sum(c.isalpha() for c in decoded)
    if is_dense == entry.is_latin:  # words of Latin letters are ASCII for the most part, others hardly at all
        return 0.0
    frequent = sum(c in entry.frequent for c in letters)
    return frequent / len(letters) / entry.share * (_OF_LANGUAGE if language in entry.languages else 1.0)


@cache
def _table() -> Mapping[str, _Sniffed]:
    return dict(_entries())


def _entries() -> Iterator[tuple[str, _Sniffed]]:
    for name, entry in word_tables.load("charsets")["sniffed"].items():
        frequent = frozenset(entry["frequent"])
        is_latin = any(c < "\u0250" and c.isalpha() for c in frequent)
        yield name, _Sniffed(frozenset(entry["languages"]), frequent, entry["share"] / 100, is_latin)
