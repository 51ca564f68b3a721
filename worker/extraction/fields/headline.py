"""Candidates for the headline, without the site's name: from embedded data, meta tags, and the page's h1.

Each source may spoil the headline in its own way: cut it, add the site's name, a kicker or a section, write it in
capitals or with escaped entities. The sources correct each other (`headline_agreement`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.extraction import word_tables
from worker.extraction.candidates import Candidate
from worker.extraction.fields.headline_agreement import corrected, outliers_last
from worker.extraction.fields.publisher import is_name, is_site
from worker.extraction.html.heading import find_heading, headings, word_overlap, words
from worker.extraction.html.tree import Element, Tree, text_of
from worker.extraction.page_data import PageData, clean_text
from worker.extraction.text import text_size
from worker.extraction.text.normalize import fold

_SEPARATOR = re.compile(r"(\s+[|•·»«›‹–—*/-]\s+|\s+::\s+|\s*[|ㅣ｜]\s*|：)")
_JOINED = re.compile(r"([-_－—])")  # separators without spaces, in Chinese, Japanese and Korean titles
_IN_BRACKETS = re.compile(r"\s*[(\[【（]([^()\[\]【】（）]{2,40})[)\]】）]$")
_MAX_CHARS = 400
_SHORTEST = 12  #: letters of a heading behind a kicker, at least
_NAME_WORDS = 3  #: words of a title that resembles the site's name, at most


def candidates(tree: Tree, data: PageData, names: tuple[str, ...]) -> Iterator[Candidate[str]]:
    """Yield the candidates, best first. `names` are the site's names."""
    found = [Candidate(c.source, c.rule, _readable(c.value)) for c in _all_candidates(tree, data)]
    found = [c for c in found if 1 < len(c.value) <= _MAX_CHARS]
    clean_values = {v: clean(v, tree, names) for v in dict.fromkeys(c.value for c in found)}
    cleaned = [Candidate(c.source, c.rule, clean_values[c.value]) for c in found]
    kept = [c for c in cleaned if c.value and not _is_site_alone(c.value, tree, names)]
    kept = outliers_last(kept)
    yield from (Candidate(c.source, c.rule, corrected(c, kept)) for c in kept)


def clean(title: str, tree: Tree, names: tuple[str, ...]) -> str:
    """Return the title without the site's names at its ends: "A dog barks | WKHL 6", "BBC News - A dog barks"."""
    pieces = _SEPARATOR.split(title)
    own = next((i for i in range(2, len(pieces), 2) if is_name(pieces[i], tree, names)), len(pieces))
    if own < len(pieces):  # a slogan may follow the name, a section may precede it
        pieces = pieces[: max(1, own - 1)]
        pieces = pieces[:-2] if len(pieces) > 2 and _is_section(pieces[-1]) else pieces
    while len(pieces) > 2 and is_site(pieces[-1], tree, names):
        pieces = pieces[:-2]
    while len(pieces) > 2 and is_site(pieces[0], tree, names):
        pieces = pieces[2:]
    cleaned = "".join(pieces).strip()
    if (bracket := _IN_BRACKETS.search(cleaned)) and is_name(bracket[1], tree, names):
        cleaned = cleaned[: bracket.start()]
    return _without_joined_name(cleaned, tree, names) if text_size.is_cjk(cleaned) else cleaned


def _is_section(piece: str) -> bool:
    return piece.strip().casefold() in word_tables.words("fields", "sections")


def _without_joined_name(title: str, tree: Tree, names: tuple[str, ...]) -> str:
    """Return a Chinese, Japanese or Korean title without the site's name behind a separator without spaces."""
    pieces = _JOINED.split(title)
    while len(pieces) > 2 and is_site(pieces[-1], tree, names):
        pieces = pieces[:-2]
    return "".join(pieces).strip()


def _readable(title: str) -> str:
    """Return a title without the entities and tags that some systems escape twice."""
    return (clean_text(title) or "") if "&" in title or "<" in title else title


def _is_site_alone(title: str, tree: Tree, names: tuple[str, ...]) -> bool:
    """Return True if a title is only the site's name. A longer title may contain it."""
    if is_name(title, tree, names):
        return True
    return is_site(title, tree, names) and text_size.words(title) <= _NAME_WORDS and not re.search(r"\d", title)


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
    elif (lower := find_heading(tree)) is not None and lower.tag != "h1":
        yield Candidate("dom", lower.tag, text_of(lower))
    yield from (c for c in embedded[:6] if c not in first)
    for name in ("twitter:title", "title", "dc.title"):
        if value := tree.meta_first(name):
            yield Candidate("meta", name, value)
    if tree.title:
        yield Candidate("dom", "title", tree.title)


def _first_headings(tree: Tree) -> list[str]:
    """Return the texts of the h1 elements. A short one that the page's title does not contain is the site's name."""
    titles = [t for t in (tree.meta_first("og:title"), tree.title) if t]
    texts = [_without_kicker(node, titles) for node in headings(tree)]
    title = words(tree.title or "")
    if len(title) < 3:
        return texts
    return [t for t in texts if word_overlap(t, title) > 0 or text_size.words(t) > 3]


def _without_kicker(node: Element, titles: list[str]) -> str:
    """Return a heading's text without a kicker in an element of its own, which the page's titles do not repeat.

    <h1><span>World</span> <span>Bridge closes</span></h1> with the title "Bridge closes | Paper".
    """
    text = text_of(node)
    if not len(node):
        return text
    tails = [tail for child in node.iter() if child is not node and (tail := fold(child.tail or ""))]
    tails += [tail for child in node.iter() if child is not node and (tail := text_of(child))]
    whole = [t for t in tails if t != text and text.endswith(t) and text_size.size(t) >= _SHORTEST]
    return next((t for t in sorted(whole, key=len, reverse=True) if any(_begins(t, title) for title in titles)), text)


def _begins(heading: str, title: str) -> bool:
    """Return True if a title begins with this heading, up to a separator."""
    return title.startswith(heading) and re.match(r"\s*$|\s*[-|–—*：ㅣ•·»›«‹:(_]", title[len(heading) :]) is not None
