r"""The packings of embedded state, recognised by their shape: strings that hold JSON, flat lists, tagged tuples.

"%7B%22story%22…"  "eyJzdG9yeSI…"  "{\"story\"…"     strings: percent signs, base64, JSON in JSON
[{"story":1},{"title":2},"…"]                        devalue: numbers are indexes of the list (Nuxt, SvelteKit)
[{"_1":2},"story",{"_3":4},"title","…"]              turbo-stream: keys are indexes too (Remix, React Router)
{"story":[0,{"title":[0,"…"]}]}                      Astro: each value has its type before it
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import Any
from urllib.parse import unquote

from worker.extraction.embedded.syntax.lenient_json import parse_json, unescape_markup

_MIN_CHARS, _MAX_CHARS = 60, 4_000_000
_MAX_LAYERS = 4
_JSON_START = re.compile(r"\s*(?:[{\[]\s*(?:[\"'{\[\]}&]|-?\d|[\w$]+\s*:)|&(?:quot|#0*34|q);)")
_PERCENT = re.compile(r"\s*%(?:25)?(?:7B|5B|22)", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{60,}={0,2}\s*")
_ROW_START = re.compile(r"\n[PE](\d+):")
_MAX_DEPTH = 60
_ASTRO_TYPES = range(12)
_TURBO_KEY = re.compile(r"_(\d+)")


def unpack(text: str) -> Any | None:
    """Return the value that a string holds: JSON, perhaps encoded. None if it holds none."""
    for _ in range(_MAX_LAYERS):
        if not _MIN_CHARS <= len(text) <= _MAX_CHARS:
            return None
        if _JSON_START.match(text):
            value = _parse(text)
            if not isinstance(value, str):
                return value if isinstance(value, dict | list) else None
            text = value
        elif text.startswith('"{') or text.startswith('"['):
            value = parse_json(text)
            if not isinstance(value, str):
                return None
            text = value
        elif _PERCENT.match(text):
            text = unquote(text.replace("+", " ") if "%20" not in text and "+" in text else text)
        elif text.startswith("&"):
            text = unescape_markup(text)
        elif _BASE64.fullmatch(text):
            text = _from_base64(text)
        else:
            return None
    return None


def is_packed(text: str) -> bool:
    """Return True if `unpack` may find a value in the text."""
    return len(text) >= _MIN_CHARS and bool(
        _JSON_START.match(text) or _PERCENT.match(text) or text.startswith(('"{', '"[')) or _BASE64.fullmatch(text)
    )


def _parse(text: str) -> Any | None:
    """Return the value of JSON. The rows that turbo-stream sends later are put behind its first list."""
    first, *later = _ROW_START.split(text) if _ROW_START.search(text) else [text]
    value = parse_json(first)
    if isinstance(value, list):
        for promise, row in zip(later[::2], later[1::2], strict=True):
            more = parse_json(row)
            start = len(value)
            value += more if isinstance(more, list) else []
            value = [["P", start] if item == ["P", int(promise)] else item for item in value]
    return value


def _from_base64(text: str) -> str:
    plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4))
        if data[:2] in (b"\x1f\x8b", b"x\x9c", b"x\xda", b"x\x01"):
            data = zlib.decompressobj(47).decompress(data, _MAX_CHARS)
    except (binascii.Error, ValueError, zlib.error):
        return ""
    return data.decode("utf-8", "replace")


def unflatten(value: Any) -> Any:
    """Return a value without its packing; other values stay."""
    if isinstance(value, list) and (kind := _flat_kind(value)):
        return _Flat(value, is_turbo=kind == "turbo").build(0, 0)
    if isinstance(value, dict) and _is_astro(value):
        return {k: _without_type(v, 0) for k, v in value.items()}
    return value


def _flat_kind(items: list[Any]) -> str | None:
    """Return "devalue" or "turbo" if the numbers in the first items are indexes of the list."""
    if len(items) < 3 or not isinstance(items[0], dict | list) or not items[0]:
        return None
    objects = [i for i in items[:200] if isinstance(i, dict) and i]
    inner = [v for o in objects for v in o.values()]
    if not objects or not all(type(v) is int and -8 < v < len(items) for v in inner):
        return None
    if not any(isinstance(i, str) for i in items):
        return None
    return "turbo" if all(_TURBO_KEY.fullmatch(k) for o in objects for k in o) else "devalue"


class _Flat:
    """A flat list, and the values built from it."""

    def __init__(self, items: list[Any], *, is_turbo: bool) -> None:
        self.items, self.is_turbo = items, is_turbo
        self.built: dict[int, Any] = {}

    def build(self, index: Any, depth: int) -> Any:
        """Return the value at an index. Negative indexes are undefined and the like."""
        if type(index) is not int or not 0 <= index < len(self.items) or depth > _MAX_DEPTH:
            return None
        if index not in self.built:
            item = self.items[index]
            self.built[index] = None if isinstance(item, dict | list) else item
            if isinstance(item, dict):
                self.built[index] = {self._key(k): self.build(v, depth + 1) for k, v in item.items()}
            elif isinstance(item, list):
                self.built[index] = self._list(item, depth)
        return self.built[index]

    def _key(self, key: str) -> str:
        match = _TURBO_KEY.fullmatch(key) if self.is_turbo else None
        return str(self.build(int(match[1]), 0)) if match else key

    def _list(self, item: list[Any], depth: int) -> Any:
        name = item[0] if item and isinstance(item[0], str) else None
        if name is None:
            return [self.build(v, depth + 1) for v in item]
        if name in ("Date", "D", "BigInt", "Z", "U"):
            return item[1] if len(item) > 1 else None
        if name in ("Map", "M", "null", "N"):
            keys, values = item[1::2], item[2::2]
            named = [k if isinstance(k, str) else self.build(k, depth + 1) for k in keys]
            return {str(k): self.build(v, depth + 1) for k, v in zip(named, values, strict=False)}
        if name in ("Set", "S"):
            return [self.build(v, depth + 1) for v in item[1:]]
        return self.build(item[1], depth + 1) if len(item) > 1 else None


def _is_astro(value: dict[str, Any]) -> bool:
    first = next(iter(value.values()), None)
    return isinstance(first, list) and all(
        isinstance(v, list) and 0 < len(v) <= 2 and type(v[0]) is int and v[0] in _ASTRO_TYPES for v in value.values()
    )


def _without_type(pair: Any, depth: int) -> Any:
    """Return the value of Astro's pair of type and value."""
    if not (isinstance(pair, list) and pair and type(pair[0]) is int) or depth > _MAX_DEPTH:
        return pair
    value = pair[1] if len(pair) > 1 else None
    if isinstance(value, dict):
        return {k: _without_type(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_type(v, depth + 1) for v in value]
    return value
