"""The elements around the headline, where a page prints section, byline and date; found once for all who look there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from worker.extraction.html.title_element import find_heading
from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.caption_elements import label_of, says

_AFTER, _BEFORE = 110, 60  #: elements


class Place(NamedTuple):
    node: Element
    said: frozenset[str]  #: what its names say, see `marks.says`


@dataclass(frozen=True, slots=True)
class Near:
    after: tuple[Place, ...] = ()  #: from the h1 on, in page order
    before: tuple[Place, ...] = ()  #: before it, the nearest first


def around_headline(tree: Tree) -> Near:
    """What stands around the story's heading, or at the page's beginning where it has none."""
    title = find_heading(tree)
    start = tree.nodes.index(title) if title is not None else 0
    after = tree.nodes[start : start + _AFTER]
    before = tree.nodes[max(0, start - _BEFORE) : start]
    return Near(tuple(map(place_of, after)), tuple(map(place_of, reversed(before))))


def is_within(node: Element, tags: Collection[str]) -> bool:
    """Whether an element is one of these, or stands in one. An <article>'s own <footer> is none: some systems print the
    byline there, above the story.
    """
    around = [a.tag for a in (node, *node.iterancestors())]
    outer = around[: around.index("article")] if "article" in around else []
    return any(tag in tags for tag in around if tag != "footer" or tag not in outer)


def place_of(node: Element) -> Place:
    return Place(node, says(label_of(node)))
