"""The elements around the headline, where a page prints section, byline and date. Found once for all fields."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from worker.extraction.html.heading import find_heading
from worker.extraction.html.tree import Element, Tree
from worker.extraction.images.element_roles import names_of, roles_of
from worker.extraction.text.normalize import comparison_key

_SEPARATOR = re.compile(r"\s+[|•·»«–—-]\s+")
_SHORTEST_TITLE, _LONGEST_TITLE = 12, 400  #: characters
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
    title = title if title is not None else _titled(tree)
    start = tree.nodes.index(title) if title is not None else 0
    after = tree.nodes[start : start + _AFTER]
    before = tree.nodes[max(0, start - _BEFORE) : start]
    return HeadlineContext(tuple(map(named_element, after)), tuple(map(named_element, reversed(before))))


def _titled(tree: Tree) -> Element | None:
    """Return the first element that shows the page's title, whatever its tag."""
    longest = max(_SEPARATOR.split(tree.title or ""), key=len)
    titles = {tree.title or "", longest, *tree.meta.get("og:title", ())}
    wanted = {k for t in titles if len(k := comparison_key(t)) > _SHORTEST_TITLE}
    shown = (
        n for n in tree.nodes if n.text and n.tag not in ("title", "script", "style") and len(n.text) < _LONGEST_TITLE
    )
    return next((n for n in shown if comparison_key(n.text or "") in wanted), None) if wanted else None


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
