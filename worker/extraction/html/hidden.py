"""Elements that a browser does not show: hidden by an attribute or a style, or meant for screen readers only.

A large hidden element may be the rest of the story, which a script shows. So an element is left out only if it is
small, or if it repeats a text that the page shows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from worker.extraction.html.tree import INLINE, Element, Tree, is_longer, text_of
from worker.extraction.text.normalize import fold

_SMALL = 200  #: characters of one hidden element
_SMALL_TOGETHER = 400  #: characters of all small hidden elements of one parent
_HINT = 100  #: characters of a text for screen readers
_PROBE = 80  #: characters by which a repeated text is recognised
_MOST_TEXTS = 60  #: texts of a hidden element that are examined
_MOST_PROBES = 20  #: large hidden elements that are compared with the page

_INVISIBLE_STYLE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_FOR_SCREEN_READERS = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:s|-text|-only|-response)?|a11y-(?:hidden|text)|"
    r"assistive-text|off-?screen(?:-text)?)(?:$|[\s_-])",
    re.I,
)
_RUNS = INLINE | {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "button"}


def hidden_elements(tree: Tree) -> frozenset[Element]:
    """Return the elements whose text is not part of the page."""
    by_parent: dict[Element, list[Element]] = defaultdict(list)
    for node in tree.nodes:
        style = node.get("style")
        if (style is not None and _INVISIBLE_STYLE.search(style)) or node.get("hidden") is not None:
            _add(by_parent, node)
    hints = [n for n in tree.root.iter("span") if (names := n.get("class")) and _is_hint(n, names)]
    return frozenset([*hints, *_not_shown(tree, by_parent.values())])


def _add(by_parent: dict[Element, list[Element]], node: Element) -> None:
    parent = node.getparent()
    if parent is not None:
        by_parent[parent].append(node)


def _is_hint(node: Element, names: str) -> bool:
    """Return True for a short text for screen readers inside a run of text."""
    if not _names_hint(names):
        return False
    parent = node.getparent()
    return parent is not None and parent.tag in _RUNS and not is_longer(node, _HINT)


@lru_cache(maxsize=20_000)
def _names_hint(names: str) -> bool:
    return _FOR_SCREEN_READERS.search(names) is not None


def _not_shown(tree: Tree, families: Iterable[list[Element]]) -> Iterator[Element]:
    """Yield the hidden elements that are small, or that repeat a text of the page."""
    page, probes = "", 0
    for nodes in families:
        small: list[Element] = []
        total = 0
        for node in nodes:
            if not is_longer(node, _SMALL):
                small.append(node)
                total += len(text_of(node))
            elif probes < _MOST_PROBES and (probe := _probe(node)):
                probes += 1
                page = page or text_of(tree.root)
                if page.count(probe) > 1:
                    yield node
        if total <= _SMALL_TOGETHER:
            yield from small


def _probe(node: Element) -> str | None:
    """Return the beginning of the first long text in an element."""
    texts = (fold(str(text)) for text in islice(node.itertext(), _MOST_TEXTS))
    return next((text[:_PROBE] for text in texts if len(text) >= _PROBE), None)
