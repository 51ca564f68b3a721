"""A walk over all objects of an embedded value, through every packing in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.extraction.embedded.references import add_targets
from worker.extraction.embedded.syntax.packings import is_packed, unflatten, unpack

_MAX_NODES = 60_000
_MAX_UNPACKED = 3_000_000  #: characters of JSON in strings
_LONG = 200  #: characters of a string that may hold an article
_NESTED = (dict, list)
_MERGED = ("attributes", "relationships", "fields", "_embedded")


@dataclass(slots=True, eq=False)
class JsonObject:
    """An object with its place: the key that leads to it, and the object around it."""

    node: dict[str, Any]
    name: str
    parent: JsonObject | None
    in_list: bool = False

    @property
    def path(self) -> str:
        """The keys from the outermost object down."""
        names: list[str] = []
        place: JsonObject | None = self
        while place is not None and len(names) < 30:
            names.append(place.name)
            place = place.parent
        return ".".join(n for n in reversed(names) if n)


class JsonObjects:
    """The objects of a value, the outermost first, up to a limit. Strings that hold JSON are opened."""

    def __init__(self, value: Any, known: Mapping[str, Any] | None = None, *, is_linked: bool = True) -> None:
        """Walk over `value`. `known` are objects that references may name, besides those of caches in the value.

        Without `is_linked`, the value has no references, and no more of it is visited than the caller takes.
        """
        self.known: dict[str, Any] = dict(known or {})
        self._is_linked = is_linked
        self._objects = list(self._walk(value)) if is_linked else self._walk(value)

    def __iter__(self) -> Iterator[JsonObject]:
        return iter(self._objects)

    def _walk(self, value: Any) -> Iterator[JsonObject]:
        left = _MAX_UNPACKED
        queue: deque[tuple[str, JsonObject | None, Any, bool]] = deque([("", None, value, False)])
        for _ in range(_MAX_NODES):
            if not queue:
                return
            name, parent, node, in_list = queue.popleft()
            if isinstance(node, str):
                left -= len(node)
                node = unpack(node) if left > 0 else None
            node = unflatten(node)
            if isinstance(node, dict):
                place = JsonObject(_merged(node), name, parent, in_list)
                if self._is_linked:
                    add_targets(node, self.known)
                yield place
                queue.extend([(k, place, v, False) for k, v in node.items() if type(v) in _NESTED or _is_open(v)])
            elif isinstance(node, list):
                queue.extend([(name, parent, v, True) for v in node if type(v) in _NESTED or _is_open(v)])


def _is_open(value: Any) -> bool:
    """Return True for a long string that may hold JSON."""
    return type(value) is str and len(value) > _LONG and is_packed(value)


def _merged(node: dict[str, Any]) -> dict[str, Any]:
    """Return the object with what its API keeps apart: {"attributes": {...}}, {"fields": {...}} and the like."""
    if node.keys().isdisjoint(_MERGED):
        return node
    inner = [node[k] for k in _MERGED if isinstance(node.get(k), dict)]
    merged: dict[str, Any] = {}
    for part in reversed(inner):
        merged |= {k: _related(v) for k, v in part.items()}
    embedded = node.get("_embedded")
    own = {k: v for k, v in node.items() if not (isinstance(embedded, dict) and k in embedded)}
    return merged | own


def _related(value: Any) -> Any:
    """Return the resources of JSON:API's {"data": [...]} itself; other values stay."""
    return (
        value["data"]
        if isinstance(value, dict) and set(value) <= {"data", "links", "meta"} and "data" in value
        else value
    )
