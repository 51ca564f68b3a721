"""The elements around the headline, where a page prints section, byline and date; found once for all who look there."""

from __future__ import annotations

from dataclasses import dataclass

from worker.reading.tree import Element, Tree

_AFTER, _BEFORE = 160, 60  #: elements


@dataclass(frozen=True, slots=True)
class Place:
    node: Element
    label: str  #: its class, id, itemprop and rel


@dataclass(frozen=True, slots=True)
class Near:
    after: tuple[Place, ...] = ()  #: from the h1 on, in page order
    before: tuple[Place, ...] = ()  #: before it, the nearest first


def around_headline(tree: Tree) -> Near:
    """What stands around the page's first h1, or at its beginning where it has none."""
    title = next(iter(tree.root.iter("h1")), None)
    start = tree.nodes.index(title) if title is not None else 0
    after = tree.nodes[start : start + _AFTER]
    before = tree.nodes[max(0, start - _BEFORE) : start]
    return Near(tuple(map(_place, after)), tuple(map(_place, reversed(before))))


def _place(node: Element) -> Place:
    get = node.get
    return Place(node, " ".join(v for v in (get("class"), get("id"), get("itemprop"), get("rel")) if v))
