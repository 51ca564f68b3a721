"""The elements around the headline, where a page prints section, byline and date; found once for all who look there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.caption_elements import names_of, roles_of

_AFTER, _BEFORE = 110, 60  #: elements


class NamedElement(NamedTuple):
    node: Element
    roles: frozenset[str]  #: what its names say, see `marks.says`


@dataclass(frozen=True, slots=True)
class HeadlineContext:
    after: tuple[NamedElement, ...] = ()  #: from the h1 on, in page order
    before: tuple[NamedElement, ...] = ()  #: before it, the nearest first


def around_headline(tree: Tree) -> HeadlineContext:
    """What stands around the story's heading, or at the page's beginning where it has none."""
    title = find_heading(tree)
    start = tree.nodes.index(title) if title is not None else 0
    after = tree.nodes[start : start + _AFTER]
    before = tree.nodes[max(0, start - _BEFORE) : start]
    return HeadlineContext(tuple(map(named_element, after)), tuple(map(named_element, reversed(before))))


def is_within(node: Element, tags: Collection[str]) -> bool:
    """Whether an element is one of these, or stands in one. An <article>'s own <footer> is none: some systems print the
    byline there, above the story.
    """
    around = [a.tag for a in (node, *node.iterancestors())]
    outer = around[: around.index("article")] if "article" in around else []
    return any(tag in tags for tag in around if tag != "footer" or tag not in outer)


def named_element(node: Element) -> NamedElement:
    return NamedElement(node, roles_of(names_of(node)))
