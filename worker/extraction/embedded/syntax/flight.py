r"""React's flight format, in which Next's app router sends a page.

    self.__next_f.push([1,"3:[\"$\",\"article\",null,{\"title\":\"…\",\"body\":\"$2a\"}]\n"])

The pushes are pieces of one stream of rows. A row is "id:" and JSON up to the end of the line, or a text of a stated
length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from worker.extraction.embedded.syntax.javascript import Budget, NotAValue, parse_value
from worker.extraction.embedded.syntax.lenient_json import parse_json

MARK = "__next_f"
_PUSH = re.compile(r"__next_f(?:\s*\|\|\s*\[\]\s*\))?\.push\(\s*(?=\[)")
_DECODER = json.JSONDecoder(strict=False)
_ROW = re.compile(r"\n?([0-9a-f]{1,6}):(?:T([0-9a-f]+),)?")


def chunks(text: str) -> Iterator[str]:
    """Yield the pieces of the stream in a script."""
    for match in _PUSH.finditer(text):
        value = _array(text, match.end())
        if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
            yield value[1]


def _array(text: str, start: int) -> Any | None:
    try:
        return _DECODER.raw_decode(text, start)[0]
    except RecursionError:
        return None
    except ValueError:
        pass
    try:
        return parse_value(text, start, Budget(20_000))[0]
    except NotAValue:
        return None


def rows(stream: str) -> dict[str, Any]:
    """Return React's flight rows by id: JSON up to the end of a line, or "T", a length in bytes, and a text."""
    found: dict[str, Any] = {}
    position = 0
    while position < len(stream):
        match = _ROW.match(stream, position)
        if match and match[2]:
            size = int(match[2], 16)
            piece = stream[match.end() : match.end() + size].encode("utf8", "replace")[:size]
            found[match[1]] = piece.decode("utf8", "ignore")
            position = match.end() + len(found[match[1]])
            continue
        end = stream.find("\n", match.end() if match else position)
        end = len(stream) if end < 0 else end
        if match and stream[match.end() : match.end() + 1] in ("{", "[", '"'):
            value = parse_json(stream[match.end() : end])
            found |= {match[1]: value} if value is not None else {}
        position = max(end, position + 1)
    return found
