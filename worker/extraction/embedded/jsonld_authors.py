"""The authors of a JSON-LD node: strings, nodes, references, and lists of them, nested to any depth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from worker.extraction.embedded.schema_org import spelled, types
from worker.extraction.html.tree import Tree
from worker.extraction.page_data import AuthorCandidate, clean_text

_ORGANISATION = re.compile(r"Organi[sz]ation|Corporation|Newspaper|WebSite|Brand")
_PROPERTIES = ("author", "creator", "authors")  #: the first one that names somebody counts
_WRAPPERS = ("@list", "@set", "itemListElement", "item", "author")  #: properties of a node that is only a wrapper
_MAX_NODES = 5000
_MAX_AUTHORS = 60


def authors(node: dict[str, Any], tree: Tree) -> tuple[AuthorCandidate, ...]:
    """Return the authors of an article's node."""
    node = spelled(node)
    for name in _PROPERTIES:
        if node.get(name) and (found := tuple(_candidates(node[name], tree))):
            return found
    return ()


def _candidates(value: Any, tree: Tree) -> Iterator[AuthorCandidate]:
    stack = [value]
    for _ in range(_MAX_AUTHORS):
        if not stack:
            return
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            item = spelled(item)
            node = item if _names(item) else _definition(item.get("@id"), tree) or item
            if names := _names(node):
                yield from (AuthorCandidate(name=n, kind=_kind(node)) for n in names)
            else:
                stack.extend(item[w] for w in reversed(_WRAPPERS) if w in item)
        elif text := clean_text(item):
            node = _definition(text, tree) or {}
            yield from (AuthorCandidate(name=n, kind=_kind(node)) for n in _names(node) or (text,))


def _names(node: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of a node: its `name`, else given and family name, else `@value`."""
    given = [t for k in ("givenName", "familyName") for t in _texts(node.get(k))]
    return _texts(node.get("name")) or ((" ".join(given),) if len(given) > 1 else _texts(node.get("@value")))


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(t for v in values if (t := clean_text(v.get("@value") if isinstance(v, dict) else v)))


def _kind(node: dict[str, Any]) -> str:
    declared = " ".join(types(node))
    if "Person" in declared:
        return "person"
    return "organisation" if _ORGANISATION.search(declared) else ""


def _definition(id: Any, tree: Tree) -> dict[str, Any] | None:
    return tree.cached(_definitions).get(id) if isinstance(id, str) else None


def _definitions(tree: Tree) -> Mapping[str, dict[str, Any]]:
    """Return the nodes with a name by their @id, wherever they are."""
    found: dict[str, dict[str, Any]] = {}
    stack: list[Any] = list(reversed(tree.json_ld))
    for _ in range(_MAX_NODES):
        if not stack:
            break
        node = stack.pop()
        if isinstance(node, dict):
            node = spelled(node)
            if isinstance(node.get("@id"), str) and _names(node):
                found.setdefault(node["@id"], node)
            stack.extend(v for v in reversed(node.values()) if isinstance(v, dict | list))
        elif isinstance(node, list):
            stack.extend(v for v in reversed(node) if isinstance(v, dict | list))
    return found
