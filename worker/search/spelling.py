"""Spelling suggestions: query words that no article has, replaced by the nearest words that articles have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from worker.model.query import TEXT_FIELDS
from worker.search.query_parser import All, Any, Node, Not, Word
from worker.search.tokenizer import fold, is_cjk, terms, words

MIN_CHARS = 4  #: shorter words resemble too many others
MAX_WORDS = 3  #: unknown words of a query that are corrected; a query with more gains little from a suggestion

_PART = re.compile("[^:]+")  #: leaves out the field name before a word


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word that articles have."""

    text: str
    frequency: int  #: number of articles


def checked_words(node: Node) -> Iterator[str]:
    """Yield the folded words of a query that are searched in text and may be misspelt."""
    match node:
        case All(nodes) | Any(nodes):
            for n in nodes:
                yield from checked_words(n)
        case Word(text, field, False) if field is None or field in TEXT_FIELDS:
            yield from (t for t in terms(text) if len(t) >= MIN_CHARS and not is_cjk(t) and t.isalpha())
        case Not() | _:
            return


def max_edits(word: str) -> int:
    """Return the number of edits by which a correct spelling may differ from a word."""
    return 1 if len(word) < 6 else 2


def nearest(word: str, candidates: Iterable[KnownWord]) -> str | None:
    """Return the candidate with the fewest edits, of several the most frequent one; None if none is near enough.

    An edit inserts, deletes or replaces a letter, or swaps two neighbours (optimal string alignment).
    """
    most = max_edits(word)
    ranked = ((OSA.distance(word, c.text, score_cutoff=most), -c.frequency, c.text) for c in candidates)
    best = min((rank for rank in ranked if rank[0] <= most), default=None)
    return best[2] if best else None


def corrected(text: str, better: Mapping[str, str]) -> str | None:
    """Return a query's text with better words in place of folded ones; None if nothing changes."""
    result = text
    for at, word in reversed(words(text)):
        for part in reversed(list(_PART.finditer(word))):
            if replacement := better.get(fold(part.group())):
                result = result[: at + part.start()] + replacement + result[at + part.end() :]
    return result if result != text else None
