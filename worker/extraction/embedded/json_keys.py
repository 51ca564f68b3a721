"""Lookup of values by the meaning of their key, however it is spelled: "publishedAt", "published_at"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from worker.extraction import word_tables
from worker.extraction.embedded.references import resolve
from worker.extraction.page_data import clean_text

_MAX_TEXT = 2000  #: characters; a longer text is a body
_MAX_DEPTH = 5
_MAX_KEY = 500  #: characters of a key with arguments
_PREFIX = re.compile(r"^(?:article|news|post|story|entry|web)(?=[a-z]{3})")
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?$")


@cache
def names(meaning: str) -> tuple[str, ...]:
    """Return the spellings of one meaning in tables/embedded.toml, the preferred one first."""
    return tuple(word_tables.load("embedded")[meaning])


@lru_cache(maxsize=4096)
def normalize_key(key: str) -> str:
    """Return a key in lower case, without "_", "-", namespace and arguments.

    "published_at", "publishedAt", "schema:publishedAt" and 'publishedAt({"format":"iso"})' are the same.
    """
    name = re.split(r"[({]", key, maxsplit=1)[0].rpartition(":")[2] if len(key) < _MAX_KEY else ""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


@lru_cache(maxsize=4096)
def _without_prefix(key: str) -> str:
    """Return a normalized key without the name of what it belongs to: "date" for "news_date"."""
    return _PREFIX.sub("", normalize_key(key))


def is_a(key: str, meaning: str) -> bool:
    """Return True if a key has a meaning."""
    return not {normalize_key(key), _without_prefix(key)}.isdisjoint(names(meaning))


def without_locale(value: Any) -> Any:
    """Return the first value of an object whose keys are languages, as some systems write: {"en-US": "..."}."""
    if isinstance(value, dict) and value and all(isinstance(k, str) and _LOCALE.match(k) for k in value):
        return next(iter(value.values()))
    return value


def values(node: Mapping[str, Any], meaning: str) -> Iterator[Any]:
    """Yield an object's values under the spellings of a meaning, preferred ones first. Empty values are left out."""
    keys = [k for k in node if isinstance(k, str)]
    known = {_without_prefix(k): k for k in keys} | {normalize_key(k): k for k in keys}
    for name in names(meaning):
        if name in known and node[known[name]] not in (None, "", [], {}):
            yield without_locale(node[known[name]])


def text(value: Any, root: Any, depth: int = 0) -> str | None:
    """Return the text of a value, or None.

    It may be wrapped: {"basic": "..."}, {"title": {"rendered": "..."}}, [{"text": "..."}].
    """
    value = without_locale(resolve(value, root))
    if isinstance(value, str):
        return clean_text(value) if len(value) < _MAX_TEXT else None
    if isinstance(value, list) and value and depth < _MAX_DEPTH:
        return text(value[0], root, depth + 1)
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        return next((t for v in values(value, "inner") if (t := text(v, root, depth + 1))), None)
    return None


def first_text(node: Mapping[str, Any], meaning: str, root: Any) -> str | None:
    """Return the first text that an object has under the spellings of a meaning."""
    return next((t for v in values(node, meaning) if (t := text(v, root))), None)
