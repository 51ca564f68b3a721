"""Candidates for the headline, without the site's name: from embedded data, meta tags, and the page's h1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.extraction.candidates import Candidate
from worker.extraction.fields.publisher import is_site
from worker.extraction.html.heading import find_heading, headings, word_overlap, words
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import PageData
from worker.extraction.text import text_size

_SEPARATOR = re.compile(r"(\s+[|•·»«–—*-]\s+|\s+::\s+|\s*[|ㅣ｜]\s*|：)")
_MAX_CHARS = 400


def candidates(tree: Tree, data: PageData, names: tuple[str, ...]) -> Iterator[Candidate[str]]:
    """Yield the candidates, best first. `names` are the site's names."""
    found = [c for c in _all_candidates(tree, data) if 1 < len(c.value) <= _MAX_CHARS]
    clean_values = {v: clean(v, tree, names) for v in dict.fromkeys(c.value for c in found)}
    cleaned = [Candidate(c.source, c.rule, clean_values[c.value]) for c in found]
    kept = [c for c in cleaned if c.value and not is_site(c.value, tree, names)]
    yield from (Candidate(c.source, c.rule, _without_additions(c, kept)) for c in kept)


def _without_additions(candidate: Candidate[str], others: list[Candidate[str]]) -> str:
    """Return a title without a kicker before it and without additions after it.

    og:title is the headline without the kicker. Additions follow the whole headline of another candidate.
    """
    title = candidate.value
    for other in others:
        if len(other.value) < 12 or len(other.value) >= len(title):
            continue
        if other.rule == "og:title" and title.endswith(f": {other.value}"):
            return other.value
        if (
            candidate.rule in _TITLES_WITH_ADDITIONS
            and title.startswith(other.value)
            and _ADDITION.match(title, len(other.value))
        ):
            return other.value
    return title


_TITLES_WITH_ADDITIONS = ("og:title", "twitter:title", "title", "dc.title")
_ADDITION = re.compile(r"\s*[-|–—*：ㅣ]")


def clean(title: str, tree: Tree, names: tuple[str, ...]) -> str:
    """Return the title without the site's names at its ends: "A dog barks | WKHL 6", "BBC News - A dog barks"."""
    pieces = _SEPARATOR.split(title)
    while len(pieces) > 2 and is_site(pieces[-1], tree, names):
        pieces = pieces[:-2]
    while len(pieces) > 2 and is_site(pieces[0], tree, names):
        pieces = pieces[2:]
    return "".join(pieces).strip()


def _all_candidates(tree: Tree, data: PageData) -> Iterator[Candidate[str]]:
    """Yield all candidates: JSON-LD first, except for live blogs.

    A live blog's JSON-LD headline is its permanent name; its og:title is the news.
    """
    embedded = [Candidate(s.source, f"{s.rule}.headline", v) for s, v in data.values(lambda s: s.headline)]
    first = [c for c in embedded[:1] if c.source == "json-ld" and not c.rule.startswith("LiveBlog")]
    yield from first
    if value := tree.meta_first("og:title"):
        yield Candidate("meta", "og:title", value)
    if texts := _first_headings(tree):
        yield from (Candidate("dom", "h1", text) for text in texts)
    elif (lower := find_heading(tree)) is not None:
        yield Candidate("dom", lower.tag, text_of(lower))
    yield from (c for c in embedded[:6] if c not in first)
    for name in ("twitter:title", "title", "dc.title"):
        if value := tree.meta_first(name):
            yield Candidate("meta", name, value)
    if tree.title:
        yield Candidate("dom", "title", tree.title)


def _first_headings(tree: Tree) -> list[str]:
    """Return the texts of the h1 elements. A short one that the page's title does not contain is the site's name."""
    texts = [text_of(node) for node in headings(tree)]
    title = words(tree.title or "")
    if len(title) < 3:
        return texts
    return [t for t in texts if word_overlap(t, title) > 0 or text_size.words(t) > 3]
