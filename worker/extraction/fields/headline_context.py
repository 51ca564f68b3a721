"""The elements around the headline, where a page prints section, byline and date. Found once for all fields."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.caption_elements import names_of, roles_of

_AFTER, _BEFORE = 110, 60  #: elements after and before the heading that are examined


class NamedElement(NamedTuple):
    """An element with the roles that its names give it."""

    node: Element
    roles: frozenset[str]  #: see `caption_elements.roles_of`


@dataclass(frozen=True, slots=True)
class HeadlineContext:
    """The elements around the headline."""

    after: tuple[NamedElement, ...] = ()  #: from the heading on, in page order
    before: tuple[NamedElement, ...] = ()  #: before the heading, the nearest first


def around_headline(tree: Tree) -> HeadlineContext:
    """Return the elements around the article's heading, or at the page's beginning if it has none."""
    title = find_heading(tree)
    start = tree.nodes.index(title) if title is not None else 0
    after = tree.nodes[start : start + _AFTER]
    before = tree.nodes[max(0, start - _BEFORE) : start]
    return HeadlineContext(tuple(map(named_element, after)), tuple(map(named_element, reversed(before))))


def is_within(node: Element, tags: Collection[str]) -> bool:
    """Return True if an element has one of these tags, or is inside an element that has.

    An <article>'s own <footer> does not count: some systems print the byline there, above the text.
    """
    around = [a.tag for a in (node, *node.iterancestors())]
    outer = around[: around.index("article")] if "article" in around else []
    return any(tag in tags for tag in around if tag != "footer" or tag not in outer)


def named_element(node: Element) -> NamedElement:
    """Return the element with its roles."""
    return NamedElement(node, roles_of(names_of(node)))
