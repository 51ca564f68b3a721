"""The values in a script's code: what it assigns, what it gives to functions, and the JSON in its strings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from worker.extraction.embedded.syntax.javascript import Budget, NotAValue, parse_value
from worker.extraction.embedded.syntax.javascript_strings import read_string
from worker.extraction.embedded.syntax.packings import is_packed, unpack

_DECODER = json.JSONDecoder(strict=False)
_MAX_TRIES = 1000  #: maximum number of values tried in one script; each error costs time
_STEPS = 300_000  #: parts of values that are read in one script
_FAILURE = _STEPS // 50  #: the cost of an attempt that may have read the whole script
_CHARS_A_STEP = 50
_MIN_CHARS = 100
_ASSIGNMENT = re.compile(
    r"""(?:^|[;\s])(?:(?:window|self|globalThis)\.|(?:var|let|const)\s+)?([\w$.\[\]"']{1,60})\s*=\s*"""
    r"""(JSON\.parse\(\s*|JSON\.parse\(decodeURIComponent\(\s*)?(?=[\[{"'])"""
)
#: The characters before a value in code, and those that begin one.
_START = re.compile(
    r"""(?P<comment>/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|(?<![:\\])//[^\n]*+"""
    r"""|(?<=[=(,:!&|?])/(?:[^/\\\n\[*]|\\.|\[(?:[^\]\\\n]|\\.){0,200}+\]){1,300}+/[a-z]*)"""
    r"""|(?P<function>\({0,3}(?:\bfunction\s*+[\w$]*+\s*+\([\w$,\s]*+\)|\([\w$,\s]*+\)\s*+=>)\s*+"""
    r"""(?=\{\s*+(?:return\b|[\w$]++\s*[.\[][^={};]{1,60}=[^=])|\(\s*\{))"""
    r"""|(?:[=(,:?|&]|\breturn\b)\s*+(?P<bracket>[\[{])"""
    r"""|(?P<quote>["'`])"""
)
_CODE = re.compile(r"\bfunction\b|=>")  #: a function in a value, whose code may have values of its own
_NAME = re.compile(r"([\w$.]{1,60})[\]\"']*\s*=\s*(?:[\w.]+\(|[\w.]+\s*\|\|)*\s*$")


def assigned_values(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the JSON that a script assigns, with the variable's name. This is fast, and reads nothing else."""
    position = 0
    for _ in range(_MAX_TRIES):
        if not (match := _ASSIGNMENT.search(text, position)):
            return
        value, position = _decode(text, match.end(), parsed=bool(match[2]))
        if isinstance(value, dict | list) and value:
            yield match[1].strip("[]\"'"), value


def _decode(text: str, start: int, *, parsed: bool) -> tuple[Any, int]:
    """Return the JSON value that begins at `start`, and its end. With `parsed`, it is a string that contains JSON."""
    if text[start] == "'" or (text[start] == '"' and not parsed):
        return None, start + 1
    try:
        value, end = _DECODER.raw_decode(text, start)
        return (json.loads(value, strict=False) if parsed and isinstance(value, str) else value), end
    except (ValueError, RecursionError):
        return None, start + 1


def code_values(text: str) -> Iterator[tuple[str, Any]]:
    """Yield every object, list, and string with JSON in a script's code, with the name that it is assigned to."""
    position, budget = 0, Budget(_STEPS)
    for _ in range(_MAX_TRIES * 20):
        if budget.left <= 0 or not (match := _START.search(text, position)):
            return
        position = end = match.end()
        if match["quote"]:
            value, position = _packed(text, match.start(), budget)
        elif match["bracket"] or match["function"]:
            start = match.start("bracket") if match["bracket"] else match.start()
            value, end = _value(text, start, budget)
            has_code = end > 0 and _CODE.search(text, start, end) is not None
            position = start + 1 if has_code else max(end, start + 1)
            if isinstance(value, str):
                value = unpack(value)
        else:
            continue
        if isinstance(value, dict | list) and value and max(end, position) - match.start() > _MIN_CHARS:
            name = _NAME.search(text, max(0, match.start() - 120), match.start() + 1)
            yield (name[1] if name else "code"), value


def _packed(text: str, start: int, budget: Budget) -> tuple[Any, int]:
    """Return the value that a string literal holds, and the literal's end."""
    value, end = read_string(text, start, text[start])
    if end < 0:
        budget.left -= _FAILURE
        return None, start + 1
    return (unpack(value.strip()) if is_packed(value.strip()) else None), end


def _value(text: str, start: int, budget: Budget) -> tuple[Any, int]:
    """Return the value that begins at `start`, and its end, 0 if there is none."""
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError:
        budget.left -= _FAILURE
        return None, 0
    except json.JSONDecodeError as e:
        budget.left -= (e.pos - start) // _CHARS_A_STEP + 1
    try:
        return parse_value(text, start, budget)
    except NotAValue:
        return None, 0
