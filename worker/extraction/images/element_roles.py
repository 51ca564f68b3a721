"""The roles ("caption", "credit", "byline" …) that names give to elements, by tables/markup.toml.

Names in class, id and itemprop match however they are joined: "photo-credit", "PhotoCredit", "story__photo_credit".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from worker.extraction import word_tables
from worker.extraction.html.tree import Element

_PIECE = re.compile(r"[A-Z]?[a-zß-ÿ]+|[A-Z]+(?![a-z])")


@lru_cache(maxsize=65536)
def roles_of(names: str) -> frozenset[str]:
    """Return the roles ("caption", "byline" …) that an element has by its names."""
    found = _NO_ROLES
    for name in names.split():
        found |= _roles_of_name(name)
    return found


@lru_cache(maxsize=65536)
def _roles_of_name(name: str) -> frozenset[str]:
    """Return the roles of one name.

    Its words match alone, two or three of them joined, and by the ending of the last one. Results are cached by name:
    single names recur more often than their combinations.
    """
    roles, first_words, endings = _roles_by_name()
    plain = name.replace("_", "-") if name.islower() else "-".join(_PIECE.findall(name)).lower()
    words = plain.split("-")
    if roles.keys().isdisjoint(words) and first_words.isdisjoint(words) and not plain.endswith(endings):
        return _NO_ROLES
    runs = ["".join(words[i : i + n]) for n in (2, 3) for i in range(len(words) - n + 1) if words[i] in first_words]
    names = (*words, *runs, *(e for e in endings if words[-1].endswith(e)))
    return _NO_ROLES.union(*(roles[n] for n in names if n in roles))


_NO_ROLES: frozenset[str] = frozenset()
_NOT_ROLES = ("endings", "kicker_alone", "caption_attributes", "credit_attributes", "address_attributes", "interface")


@cache
def _roles_by_name() -> tuple[Mapping[str, frozenset[str]], frozenset[str], tuple[str, ...]]:
    """Return the roles of each name, the first words of names of several words, and the endings."""
    kinds = [kind for kind in markup_table() if kind not in _NOT_ROLES]
    names = {n for kind in kinds for n in markup_table()[kind]}
    roles = {n.replace("-", ""): frozenset(kind for kind in kinds if n in markup_table()[kind]) for n in names}
    first_words = frozenset(n.partition("-")[0] for n in names if "-" in n)
    return roles, first_words, tuple(e for e in markup_table()["endings"] if e in roles)


def markup_table() -> dict[str, Any]:
    """Return tables/markup.toml."""
    return word_tables.load("markup")


def names_of(node: Element) -> str:
    """Return an element's names: its class and itemprop, or its id."""
    get = node.get
    names, property = get("class"), get("itemprop")
    if property:
        return f"{names} {property}" if names else property
    return names or get("id") or ""
