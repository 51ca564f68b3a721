"""The headline without the site's name: from embedded data, meta tags, and the page's h1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.reading.arbiter import Claim
from worker.reading.publisher import is_site
from worker.reading.story import State
from worker.reading.tree import Tree, text_of

_SEPARATOR = re.compile(r"(\s+[|•·»«–—-]\s+|\s+::\s+|\s*\|\s*)")
_MAX = 400


def claims(tree: Tree, state: State, names: tuple[str, ...]) -> Iterator[Claim[str]]:
    """What each source says the headline is, best first. `names` are the site's."""
    found = [c for c in _raw(tree, state) if 1 < len(c.value) <= _MAX]
    cleaned = [Claim(c.source, c.rule, clean(c.value, tree, names)) for c in found]
    yield from (c for c in cleaned if c.value and not is_site(c.value, tree, names))


def clean(title: str, tree: Tree, names: tuple[str, ...]) -> str:
    """Cuts names of the site from the end and the front: "A dog barks | WKHL 6", "BBC News - A dog barks"."""
    pieces = _SEPARATOR.split(title)
    while len(pieces) > 2 and is_site(pieces[-1], tree, names):
        pieces = pieces[:-2]
    while len(pieces) > 2 and is_site(pieces[0], tree, names):
        pieces = pieces[2:]
    return "".join(pieces).strip()


def _raw(tree: Tree, state: State) -> Iterator[Claim[str]]:
    for story, value in state.values(lambda s: s.headline):
        if story.source == "json-ld":
            yield Claim(story.source, f"{story.rule}.headline", value)
    if value := tree.meta_first("og:title"):
        yield Claim("meta", "og:title", value)
    yield from (Claim("dom", "h1", text_of(node)) for node in tree.root.iter("h1"))
    for story, value in state.values(lambda s: s.headline):
        if story.source != "json-ld":
            yield Claim(story.source, f"{story.rule}.headline", value)
    for name in ("twitter:title", "title", "dc.title"):
        if value := tree.meta_first(name):
            yield Claim("meta", name, value)
    if tree.title:
        yield Claim("dom", "title", tree.title)
