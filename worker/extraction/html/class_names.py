"""The meaning of an element's tag and names (class, id, role), by tables/blocks.toml and tables/zones.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from worker.extraction import word_tables

#: Tags that form a group of their own.
TAGS = (
    "article", "aside", "blockquote", "dl", "figure", "footer", "form", "header", "li", "main", "nav", "ol", "section",
    "table", "ul",
)  # fmt: skip

_WORDS = re.compile(r"[A-Z]?[a-z]+\d?|[A-Z]+(?![a-z])")
_MIN_PREFIX, _MAX_PREFIX = 5, 9  # number of letters before the * of the table's words


@cache
def groups() -> tuple[str, ...]:
    """Return all groups: `<tag>` for tags, then those of tables/blocks.toml.

    Their order is the order of the model's features.
    """
    return (*(f"<{tag}>" for tag in TAGS), *sorted(_table()["names"]))


@lru_cache(maxsize=20_000)
def groups_of(tag: str, names: str) -> tuple[int, ...]:
    """Return the indexes into `groups()` of the groups that an element belongs to."""
    found = {TAGS.index(tag)} if tag in TAGS else set()
    for name in names.split():
        found |= _groups_of_name(name)
    return tuple(sorted(found))


@lru_cache(maxsize=50_000)
def _groups_of_name(name: str) -> frozenset[int]:
    """Return the groups of one name, by its words and by each two adjacent words.

    Results are cached by name: single names recur more often than their combinations.
    """
    found: set[int] = set()
    known, beginnings, previous = _groups_by_word(), _beginnings(), ""
    for word in map(str.lower, _WORDS.findall(name)):
        for key in (word, previous + word):
            found |= known.get(key, _NONE)
            if key[: _MIN_PREFIX - 1] not in beginnings:
                continue
            for end in range(_MIN_PREFIX - 1, min(len(key), _MAX_PREFIX) + 1):
                found |= known.get(key[:end] + "*", _NONE)
        previous = word
    return frozenset(found)


@lru_cache(maxsize=20_000)
def boilerplate_zone(names: str) -> str | None:
    """Return the reason why an element with these names is boilerplate with all its content, or None."""
    return next((reason for name in names.split() if (reason := _zone_of_name(name)) is not None), None)


@lru_cache(maxsize=50_000)
def _zone_of_name(name: str) -> str | None:
    return next((reason for reason, pattern in _zones() if pattern.search(name.lower())), None)


@cache
def function_words() -> frozenset[str]:
    """Return the function words of all languages, which prose needs and lists lack."""
    return frozenset(" ".join(_table()["function_words"].values()).split())


_NONE: frozenset[int] = frozenset()


@cache
def _groups_by_word() -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for group, words in _table()["names"].items():
        for word in words.split():
            found.setdefault(word, set()).add(groups().index(group))
    return {word: frozenset(indexes) for word, indexes in found.items()}


@cache
def _beginnings() -> frozenset[str]:
    """Return the first letters of the table's words that end in *. Few names begin with them."""
    return frozenset(word[: _MIN_PREFIX - 1] for word in _groups_by_word() if word.endswith("*"))


@cache
def _table() -> Mapping[str, Any]:
    return word_tables.load("blocks")


@cache
def _zones() -> tuple[tuple[str, re.Pattern[str]], ...]:
    zones = word_tables.load("zones")["zones"]
    return tuple((key, re.compile(pattern)) for key, pattern in sorted(zones.items()))
