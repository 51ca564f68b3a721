"""Types and properties of schema.org nodes, in whatever spelling a page gives them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from worker.extraction import word_tables

#: Types and properties by their lower-case spelling.
_SPELLINGS = {name.lower(): name for name in word_tables.load("embedded")["schema_types"]}
_LOWER = {name.lower(): name for name in word_tables.load("embedded")["schema_properties"]}
_LOWER |= {f"{name[0].upper()}{name[1:]}": name for name in _LOWER.values()}
_OTHERWISE = frozenset(k for k, v in _LOWER.items() if k != v)
_NAMESPACE = re.compile(r"^.*[/:#](?=.)")


def types(node: dict[str, Any]) -> tuple[str, ...]:
    """Return a node's types without their namespaces."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return tuple(_type_name(n) for n in names if isinstance(n, str))


@lru_cache(maxsize=1024)
def _type_name(name: str) -> str:
    """Return a type as schema.org writes it: NewsArticle for "http://schema.org/newsarticle", "schema:NewsArticle"."""
    plain = _NAMESPACE.sub("", name.strip())
    return str(_SPELLINGS.get(plain.lower(), plain))


def spelled(node: dict[str, Any]) -> dict[str, Any]:
    """Return the node with its properties as schema.org spells them: "schema:headline", "datepublished", "type"."""
    if ("@type" in node or "type" not in node) and node.keys().isdisjoint(_OTHERWISE) and ":" not in "".join(node):
        return node
    found: dict[str, Any] = {}
    for name, value in node.items():
        plain = name if name.startswith("@") else _NAMESPACE.sub("", name)
        found[_LOWER.get(plain, plain)] = value
    kind = found.get("type")
    if "@type" not in found and isinstance(kind, str | list):
        found["@type"] = kind
        found.setdefault("@id", found.get("id"))
    return found
