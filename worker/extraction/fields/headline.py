"""The headline without the site's name: from embedded data, meta tags, and the page's h1."""

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
_MAX = 400


def candidates(tree: Tree, data: PageData, names: tuple[str, ...]) -> Iterator[Candidate[str]]:
    """What each source says the headline is, best first. `names` are the site's."""
    found = [c for c in _all_candidates(tree, data) if 1 < len(c.value) <= _MAX]
    cleanly = {v: clean(v, tree, names) for v in dict.fromkeys(c.value for c in found)}
    cleaned = [Candidate(c.source, c.rule, cleanly[c.value]) for c in found]
    kept = [c for c in cleaned if c.value and not is_site(c.value, tree, names)]
    yield from (Candidate(c.source, c.rule, _without_additions(c, kept)) for c in kept)


def _without_additions(candidate: Candidate[str], others: list[Candidate[str]]) -> str:
    """Without the kicker that og:title leaves out, and without what a title adds to the whole headline of another
    source.
    """
    title = candidate.value
    for other in others:
        if len(other.value) < 12 or len(other.value) >= len(title):
            continue
        if other.rule == "og:title" and title.endswith(f": {other.value}"):
            return other.value
        if candidate.rule in _ADDING and title.startswith(other.value) and _ADDED.match(title, len(other.value)):
            return other.value
    return title


_ADDING = ("og:title", "twitter:title", "title", "dc.title")
_ADDED = re.compile(r"\s*[-|–—*：ㅣ]")


def clean(title: str, tree: Tree, names: tuple[str, ...]) -> str:
    """Cuts names of the site from the end and the front: "A dog barks | WKHL 6", "BBC News - A dog barks"."""
    pieces = _SEPARATOR.split(title)
    while len(pieces) > 2 and is_site(pieces[-1], tree, names):
        pieces = pieces[:-2]
    while len(pieces) > 2 and is_site(pieces[0], tree, names):
        pieces = pieces[2:]
    return "".join(pieces).strip()


def _all_candidates(tree: Tree, data: PageData) -> Iterator[Candidate[str]]:
    """JSON-LD first, but for live blogs, whose JSON-LD headline is the blog's lasting name and og:title the news."""
    embedded = [Candidate(s.source, f"{s.rule}.headline", v) for s, v in data.values(lambda s: s.headline)]
    first = [c for c in embedded[:1] if c.source == "json-ld" and not c.rule.startswith("LiveBlog")]
    yield from first
    if value := tree.meta_first("og:title"):
        yield Candidate("meta", "og:title", value)
    if shown := _first_headings(tree):
        yield from (Candidate("dom", "h1", text) for text in shown)
    elif (lower := find_heading(tree)) is not None:
        yield Candidate("dom", lower.tag, text_of(lower))
    yield from (c for c in embedded[:6] if c not in first)
    for name in ("twitter:title", "title", "dc.title"):
        if value := tree.meta_first(name):
            yield Candidate("meta", name, value)
    if tree.title:
        yield Candidate("dom", "title", tree.title)


def _first_headings(tree: Tree) -> list[str]:
    """The texts of the h1s; a short one that the page's title does not know is the site's."""
    texts = [text_of(node) for node in headings(tree)]
    title = words(tree.title or "")
    if len(title) < 3:
        return texts
    return [t for t in texts if word_overlap(t, title) > 0 or text_size.words(t) > 3]
