"""JSON as sites write it: with comments around it, trailing commas, unknown escapes, raw line breaks, stray quotes."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from worker.extraction.embedded.syntax.javascript import Budget, NotAValue, parse_value

#: Comments around a script's JSON: <!-- -->, //<![CDATA[ //]]>, /*<![CDATA[*/ /*]]>*/, and several of them.
_OPENED = re.compile(r"(?:\s*+(?:<!--|-->|//|/\*|\*/|<!\[CDATA\[|>))+")
_CLOSED = re.compile(r"(?:\s*+(?:-->|//|/\*|\*/|\]\]>|<!))+$")
_ESCAPED = re.compile(r"[\[{\s]*&(?:quot|#0*34|#x0*22|q);")
_BEGINNING = re.compile(r"[\[{]")
_MAX_DOCUMENTS = 50  #: values that follow each other in one script
_LENIENT_CHARS = 300_000  #: the most characters that are read without the fast parser
#: The escapes of Angular's TransferState.
_ANGULAR = {"&q;": '"', "&s;": "'", "&l;": "<", "&g;": ">", "&a;": "&"}
_ANGULAR_ESCAPE = re.compile("&[qslga];")


def parse_json(text: str) -> Any | None:
    """Return the value of a text that is meant to be JSON, or None if nothing can be read.

    Values that follow each other become a list.
    """
    text = _unwrapped(text)
    if text[:1] not in ("{", "[", '"', "&"):
        found = _BEGINNING.search(text, 0, 400)
        text = text[found.start() :] if found else text
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        return None
    except ValueError:
        pass
    if _ESCAPED.match(text):
        return parse_json(unescape_markup(text))
    return _documents(text) if text[:1] in ("{", "[") else None


def unescape_markup(text: str) -> str:
    """Return a text without the escapes of HTML or of Angular's state."""
    if "&q;" in text:
        return _ANGULAR_ESCAPE.sub(lambda match: _ANGULAR[match[0]], text)
    return html.unescape(text)


def _unwrapped(text: str) -> str:
    text = text.strip().lstrip("\ufeff")
    if opening := _OPENED.match(text):
        text = text[opening.end() :]
    if closed := _CLOSED.search(text, max(0, len(text) - 40)):
        text = text[: closed.start()]
    return text.strip().rstrip(";,")


def _documents(text: str) -> Any | None:
    """Return the value of JSON with faults, or the list of values that follow each other."""
    if len(text) > _LENIENT_CHARS:
        return None
    found: list[Any] = []
    at, budget = 0, Budget()
    for _ in range(_MAX_DOCUMENTS):
        match = _BEGINNING.search(text, at)
        if match is None or text[at : match.start()].strip(" \t\r\n,;"):
            break
        try:
            value, at = _value(text, match.start(), budget)
        except NotAValue:
            break
        found.append(value)
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def _value(text: str, start: int, budget: Budget) -> tuple[Any, int]:
    try:
        value, end = parse_value(text, start, budget)
    except NotAValue:
        value, end = None, start
    if end > start and not text[end:].strip(" \t\r\n,;")[:1].isalnum():
        return value, end
    return parse_value(text, start, budget, stray_quotes=True)
