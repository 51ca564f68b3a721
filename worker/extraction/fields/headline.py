"""The headline without the site's name: from embedded data, meta tags, and the page's h1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.extraction.candidates import Claim
from worker.extraction.fields.publisher import is_site
from worker.extraction.html.title_element import find_heading, headings, shared, words
from worker.extraction.html.tree import Tree, text_of
from worker.extraction.page_data import State
from worker.extraction.text import text_size

_SEPARATOR = re.compile(r"(\s+[|•·»«–—*-]\s+|\s+::\s+|\s*[|ㅣ｜]\s*|：)")
_MAX = 400


def claims(tree: Tree, state: State, names: tuple[str, ...]) -> Iterator[Claim[str]]:
    """What each source says the headline is, best first. `names` are the site's."""
    found = [c for c in _raw(tree, state) if 1 < len(c.value) <= _MAX]
    cleanly = {v: clean(v, tree, names) for v in dict.fromkeys(c.value for c in found)}
    cleaned = [Claim(c.source, c.rule, cleanly[c.value]) for c in found]
    kept = [c for c in cleaned if c.value and not is_site(c.value, tree, names)]
    yield from (Claim(c.source, c.rule, _alone(c, kept)) for c in kept)


def _alone(claim: Claim[str], others: list[Claim[str]]) -> str:
    """Without the kicker that og:title leaves out, and without what a title adds to the whole headline of another
    source.
    """
    title = claim.value
    for other in others:
        if len(other.value) < 12 or len(other.value) >= len(title):
            continue
        if other.rule == "og:title" and title.endswith(f": {other.value}"):
            return other.value
        if claim.rule in _ADDING and title.startswith(other.value) and _ADDED.match(title, len(other.value)):
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


def _raw(tree: Tree, state: State) -> Iterator[Claim[str]]:
    """JSON-LD first, but for live blogs, whose JSON-LD headline is the blog's lasting name and og:title the news."""
    told = [Claim(s.source, f"{s.rule}.headline", v) for s, v in state.values(lambda s: s.headline)]
    first = [c for c in told[:1] if c.source == "json-ld" and not c.rule.startswith("LiveBlog")]
    yield from first
    if value := tree.meta_first("og:title"):
        yield Claim("meta", "og:title", value)
    if shown := _first_headings(tree):
        yield from (Claim("dom", "h1", text) for text in shown)
    elif (lower := find_heading(tree)) is not None:
        yield Claim("dom", lower.tag, text_of(lower))
    yield from (c for c in told[:6] if c not in first)
    for name in ("twitter:title", "title", "dc.title"):
        if value := tree.meta_first(name):
            yield Claim("meta", name, value)
    if tree.title:
        yield Claim("dom", "title", tree.title)


def _first_headings(tree: Tree) -> list[str]:
    """The texts of the h1s; a short one that the page's title does not know is the site's."""
    texts = [text_of(node) for node in headings(tree)]
    title = words(tree.title or "")
    if len(title) < 3:
        return texts
    return [t for t in texts if shared(t, title) > 0 or text_size.words(t) > 3]
