"""Removal of control characters from an article. HTML entities and JSON escapes bring them in after decoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

from worker.extraction.html.charset import strip_controls

T = TypeVar("T")


def sanitize(value: T) -> T:
    """Return the same record, tuple, mapping or text with `strip_controls` applied to every text in it."""
    made: object = value
    match value:
        case None | bool() | int() | float():
            pass
        case str():
            if type(value) is str and not value.isprintable():  # an enumeration's members are strings too, and stay
                made = strip_controls(value)
        case tuple():
            made = tuple(map(sanitize, value))
        case Mapping():
            made = {name: sanitize(one) for name, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            made = _record(value)
    return made  # type: ignore[return-value]


def _record(value: Any) -> Any:
    """Return the record, or a copy if a text in it changes. Most articles need no copy."""
    parts = ((name, getattr(value, name)) for name in _names(value.__class__))
    changed = {name: made for name, one in parts if (made := sanitize(one)) != one}
    return replace(value, **changed) if changed else value


@cache
def _names(record: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record))
