"""References in embedded data: Apollo's and Relay's "__ref", React's "$1a:props", JSON:API's type and id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ROW = re.compile(r"^\$[LQW@]?([0-9a-f]{1,6})((?::[\w@-]+)*)$")
_ELEMENT = {"type": 1, "key": 2, "props": 3}  #: the places in React's ["$", type, key, props]


def resolve(value: Any, known: Any) -> Any:
    """Return the value that a reference points to, from the objects that `find_targets` knows. Other values stay."""
    if not known or not isinstance(known, Mapping):
        return value
    if isinstance(value, str):
        match = _ROW.match(value) if value[:1] == "$" else None
        return _follow(known[match[1]], match[2], value) if match and match[1] in known else value
    return _referred(value, known) if isinstance(value, dict) else value


def _referred(value: dict[str, Any], known: Mapping[str, Any]) -> Any:
    if isinstance(target := value.get("__ref"), str):
        return known.get(target, value)
    if isinstance(targets := value.get("__refs"), list):
        return [known.get(t, t) for t in targets[:1000] if isinstance(t, str)]
    if len(value) <= 4 and value.get("type") == "json" and "json" in value:
        return value["json"]  # Apollo's own wrapper
    if len(value) <= 4 and isinstance(target := value.get("id"), str | int):
        return known.get(_key(value.get("type"), target), known.get(str(target), value))
    return value


def _follow(target: Any, path: str, default: Any) -> Any:
    """Return the value below a row: ":props:article" leads through an element's properties."""
    for name in path.split(":")[1:]:
        if isinstance(target, dict) and name in target:
            target = target[name]
        elif isinstance(target, list) and (name.isdigit() or name in _ELEMENT):
            place = int(name) if name.isdigit() else _ELEMENT[name]
            if place >= len(target):
                return default
            target = target[place]
        else:
            return default
    return target


def _key(kind: Any, id: Any) -> str:
    return f"{kind}:{id}"


def add_targets(node: dict[str, Any], known: dict[str, Any]) -> None:
    """Add the objects of a cache, or the resources of JSON:API, that references may name."""
    for name, item in node.items():
        if isinstance(item, dict) and (":" in name or "__typename" in item or "__id" in item or name == item.get("id")):
            known.setdefault(name, item)
    included = node.get("included")
    for item in included if isinstance(included, list) else ():
        if isinstance(item, dict) and "id" in item:
            known.setdefault(_key(item.get("type"), item["id"]), item)
