"""Looks values up by what their key means, however the system spells it: "publishedAt", "published_at",
"datePublished".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from worker.extraction import word_tables
from worker.extraction.embedded.script_json import resolve
from worker.extraction.page_data import clean_text

_MAX_TEXT = 2000  #: characters; a longer text is a body, not a value
_MAX_DEPTH = 5


@cache
def names(meaning: str) -> tuple[str, ...]:
    """The spellings of one meaning in extraction/tables/embedded.toml, first first."""
    return tuple(word_tables.load("embedded")[meaning])


@lru_cache(maxsize=4096)
def normalize_key(key: str) -> str:
    """ "published_at" and "publishedAt" are the same key."""
    return key.lower().replace("_", "").replace("-", "")


def values(node: Mapping[str, Any], meaning: str) -> Iterator[Any]:
    """What an object holds under the spellings of a meaning, first first; empty values are left out."""
    known = {normalize_key(k): k for k in node if isinstance(k, str)}
    for name in names(meaning):
        if name in known and node[known[name]] not in (None, "", [], {}):
            yield node[known[name]]


def text(value: Any, root: Any, depth: int = 0) -> str | None:
    """The text of a value that may be wrapped: {"basic": "..."}, {"title": {"rendered": "..."}}, [{"text": "..."}]."""
    value = resolve(value, root)
    if isinstance(value, str):
        return clean_text(value) if len(value) < _MAX_TEXT else None
    if isinstance(value, list) and value and depth < _MAX_DEPTH:
        return text(value[0], root, depth + 1)
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        return next((t for v in values(value, "inner") if (t := text(v, root, depth + 1))), None)
    return None


def named(node: Mapping[str, Any], meaning: str, root: Any) -> str | None:
    """The first text that an object holds under the spellings of a meaning."""
    return next((t for v in values(node, meaning) if (t := text(v, root))), None)
