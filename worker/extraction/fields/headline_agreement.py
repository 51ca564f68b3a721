"""Corrections of a headline's sources by each other: cut ends, additions, kickers, capitals, and outliers.

"After nine days of flo…"                     another source goes on: "After nine days of flood, the bridge closes"
"Bridge closes | World"                       the page's heading is "Bridge closes"
"World Bridge closes" in the heading          the title is "Bridge closes"
"BRIDGE CLOSES"                               another source writes "Bridge closes"
"article-detail"                              shares no word with the heading and the title, which agree
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.extraction.candidates import Candidate
from worker.extraction.html.heading import word_overlap, words
from worker.extraction.text import text_size
from worker.extraction.text.normalize import name_key

_HEADINGS = ("h1", "h2", "h3")
_TITLES = ("og:title", "twitter:title", "title", "dc.title")
_ADDITION = re.compile(r"\s*[-|–—*：ㅣ•·»›/]|\s*::|\s+\(|_")
_KICKER = re.compile(r"[|:–—»›/-]\s*$")
_CUT = re.compile(r"\s*(?:…|\.{3})\s*$")
_SHORTEST = 12  #: letters of a headline that others contain, at least
_CUT_SIZE = 20  #: letters before an ellipsis, at least
_LIMIT = 90  #: letters from which a headline may be cut without an ellipsis
_WORDS = 3  #: words of a heading that may outvote others, at least
_AGREEING = 0.5  #: share of the heading's words that the title has, if the two agree


def corrected(candidate: Candidate[str], others: Sequence[Candidate[str]]) -> str:
    """Return a candidate's headline, corrected by the other candidates."""
    title = _completed(candidate.value, others)
    title = _without_additions(candidate.rule, title, others)
    return _in_mixed_case(title, others)


def outliers_last(found: list[Candidate[str]]) -> list[Candidate[str]]:
    """Return the candidates; one that shares no word with a heading and a title which agree comes last."""
    heading = next((c.value for c in found if c.rule in _HEADINGS), None)
    title = next((c.value for c in reversed(found) if c.rule == "title"), None)
    if not heading or not title or text_size.words(heading) < _WORDS or word_overlap(heading, words(title)) < _AGREEING:
        return found
    shared = _content_words(heading) | _content_words(title)
    agreed = {name_key(heading), name_key(title)}
    lost = [c for c in found if name_key(c.value) not in agreed and not _content_words(c.value) & shared]
    return [c for c in found if c not in lost] + lost


def _content_words(text: str) -> frozenset[str]:
    return frozenset(w for w in words(text) if len(w) > 2 or text_size.is_cjk(w))


def _completed(title: str, others: Sequence[Candidate[str]]) -> str:
    """Return the whole headline if another source goes on where this one is cut."""
    base = _CUT.sub("", title)
    is_marked = base != title
    if text_size.size(base) < (_CUT_SIZE if is_marked else _LIMIT):
        return title
    start = _fold(base)
    longer = [c.value for c in others if len(c.value) > len(title) and _fold(c.value).startswith(start)]
    if not is_marked:  # only a cut within a sentence, which the heading continues
        printed = {c.value for c in others if c.rule in _HEADINGS}
        longer = [v for v in longer if v in printed and re.match(r"\s?\w", v[len(base) :])]
    whole = [v for v in longer if not _CUT.search(v)]
    return min(whole, key=len) if whole else max(longer, key=len, default=title)


def _without_additions(rule: str, title: str, others: Sequence[Candidate[str]]) -> str:
    """Return a title without a kicker before it and without additions after it.

    Additions follow the whole headline of another candidate. A kicker precedes the whole og:title, or the beginning of
    the page's title that the heading repeats.
    """
    for other in others:
        whole = other.value
        if text_size.size(whole) < _SHORTEST or len(whole) >= len(title):
            continue
        if title.startswith(whole) and _ADDITION.match(title, len(whole)):
            if rule in _TITLES or (_count(whole, others) > 1 and not _is_og_title(title, others)):
                return whole
        elif title.endswith(whole) and _is_kicker(title[: -len(whole)], other, others):
            return whole
    return title


def _is_kicker(before: str, other: Candidate[str], others: Sequence[Candidate[str]]) -> bool:
    """Return True if the words before another candidate's whole headline are a kicker or a section."""
    if other.rule == "og:title":
        return before.endswith(": ")
    is_printed = other.rule in _HEADINGS and any(c.rule == "title" and c.value.startswith(other.value) for c in others)
    return is_printed and _KICKER.search(before) is not None


def _is_og_title(title: str, others: Sequence[Candidate[str]]) -> bool:
    return any(c.rule == "og:title" and c.value == title for c in others)


def _count(title: str, others: Sequence[Candidate[str]]) -> int:
    return len({c.rule for c in others if c.value == title})


def _in_mixed_case(title: str, others: Sequence[Candidate[str]]) -> str:
    """Return the spelling of another source for a title in capitals."""
    if not title.isupper():
        return title
    key = name_key(title)
    return next((c.value for c in others if not c.value.isupper() and name_key(c.value) == key), title)


def _fold(text: str) -> str:
    return re.sub(r"[‘’‚`´′]", "'", re.sub(r"[“”„«»]", '"', text)).casefold()
