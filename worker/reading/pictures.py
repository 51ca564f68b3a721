"""The pictures that the page shows, joined with what its embedded data says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from worker.reading.addresses import folded, stem
from worker.reading.story import Picture, State
from worker.reading.tree import Tree

MAX_PICTURES = 300


def merged(shown: list[Picture], state: State, tree: Tree) -> list[Picture]:
    """Pictures of the elements, filled from the data, then those that only the story's own data has.

    JSON-LD and meta tags name the picture that is to be shown elsewhere: they count only where the page itself has
    none.
    """
    own = [p for s in state.stories if s.source in ("fusion", "next", "state", "gallery") for p in s.pictures]
    loose = [p for s in state.stories if s.source == "state" for p in s.pictures]
    linked = [p for s in state.stories[:1] if s.source == "json-ld" for p in s.pictures]
    filled = [_filled(p, (*own, *linked)) for p in shown]
    known = {stem(p.url) for p in filled if p.url} | {folded(p.caption) for p in filled if p.caption}
    has_captions = any(p.caption for p in filled)
    added = [p for p in own if stem(p.url) not in known and folded(p.caption) not in known]
    if has_captions:  # a site's own data may hold more stories than this one; the systems that we know name theirs
        added = [p for p in added if p not in loose]
    everything = [*filled, *added]
    if not any(p.caption for p in everything):
        seen = {stem(p.url) for p in everything if p.url}
        everything = [*(p for p in linked[:1] if stem(p.url) not in seen), *everything]
    if not everything and (address := tree.meta_first("og:image", "twitter:image")):
        everything = [Picture(url=address, alt=tree.meta_first("og:image:alt"))]
    return everything[:MAX_PICTURES]


def _filled(picture: Picture, others: Iterable[Picture]) -> Picture:
    """With the caption and the credit that the data has for the same address or caption."""
    if picture.caption and picture.credit:
        return picture
    place, caption = stem(picture.url), folded(picture.caption)
    for other in others:
        if (place and place == stem(other.url)) or (caption and caption == folded(other.caption)):
            return replace(picture, caption=picture.caption or other.caption, credit=picture.credit or other.credit)
    return picture
