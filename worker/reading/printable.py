"""An article without control characters: entities and escapes of JSON bring some in behind the decoder's back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from worker.reading.decoding import strip_controls

T = TypeVar("T")


def printable(value: T) -> T:
    """The same record, tuple, mapping or text, with `strip_controls` done to every text in it."""
    made: object = value
    match value:
        case str() if type(value) is str:  # members of an enumeration are texts, too
            made = strip_controls(value)
        case None | bool() | int() | float():
            pass
        case tuple():
            made = tuple(map(printable, value))
        case Mapping():
            made = {name: printable(one) for name, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            found = {f.name: getattr(value, f.name) for f in fields(value)}
            made = replace(value, **{name: printable(one) for name, one in found.items()})
    return made  # type: ignore[return-value]
