"""Words of a query that may be misspelt, and the query with better ones in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from worker.model.query import TEXT_FIELDS
from worker.search.query_parser import All, Any, Node, Not, Word
from worker.search.tokenizer import fold, is_cjk, terms, words

SHORTEST = 4  #: characters; a shorter word resembles too many
MOST = 3  #: words of a query that better ones are looked for; who misspells more gets little from a suggestion

_PART = re.compile("[^:]+")  #: the name of a field before a word is no part of it


def doubtful(node: Node) -> Iterator[str]:
    """The words, folded, that are looked for in text and could be misspelt."""
    match node:
        case All(nodes) | Any(nodes):
            for n in nodes:
                yield from doubtful(n)
        case Word(text, field, False) if field is None or field in TEXT_FIELDS:
            yield from (t for t in terms(text) if len(t) >= SHORTEST and not is_cjk(t) and t.isalpha())
        case Not() | _:
            return


def allowed_distance(word: str) -> int:
    """Edits that two spellings of one word may lie apart."""
    return 1 if len(word) < 6 else 2


def corrected(text: str, better: Mapping[str, str]) -> str | None:
    """The query's text with better words in place of some, given folded; None if that changes nothing."""
    found = text
    for at, word in reversed(words(text)):
        for part in reversed(list(_PART.finditer(word))):
            if replacement := better.get(fold(part.group())):
                found = found[: at + part.start()] + replacement + found[at + part.end() :]
    return found if found != text else None


def may_resemble(a: str, b: str, most: int) -> bool:
    """A fast look before `distance`: false only if more than `most` edits lie between; each changes two letters of the
    words' alphabets at most."""
    return len(set(a) ^ set(b)) <= 2 * most


def distance(a: str, b: str, most: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) that make `b` of `a`; some
    number above `most` if there are more than that."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before, previous = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, previous = previous, row
    return previous[-1]
