"""A reader of JavaScript values: object literals, strings, and functions that only return a value.

It reads what JSON readers refuse: unquoted keys, single quotes, templates, trailing commas, comments, `!0`, `void 0`,
unknown escapes, text that is cut off, and `(function(a,b){return {…}})("x","y")`. Nothing is executed. A call has the
value of its first argument, so `JSON.parse("…")` is a string; a name has the value None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from worker.extraction.embedded.syntax import javascript_strings as strings

_MAX_DEPTH = 80
_MAX_PARAMETERS = 5000
_CHARS_A_STEP = 50  #: characters of a string that cost as much as a value
_SPACE = re.compile(r"(?:\s++|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|</?(?:p|br)\b[^<>]{0,40}>|<!--|-->)*+")
_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)n?")
_IDENTIFIER = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_REGEX = re.compile(r"/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.){0,200}+\]){1,300}+/[a-z]*")
_ARROW = re.compile(r"(?:\(\s*([\w$,\s]*)\)|([\w$]+))\s*=>\s*")
_PARAMETERS = re.compile(r"\s*[\w$]*\s*\(\s*([\w$,\s]*)\)\s*\{")
_STATEMENT = re.compile(r"\s*;?\s*([\w$]+)\s*(?:\.\s*([\w$]+)|\[\s*[\"']?([\w$ -]+)[\"']?\s*\])\s*=(?!=)")
_RETURN = re.compile(r"\s*;?\s*return\b")
_OPERATOR = re.compile(r"\+(?![+=])|\|\||&&|\?\?")
_BRACKET = re.compile(r"""["'`{}()\[\]]|/[/*]""")
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "Infinity": None}


@dataclass(slots=True)
class Budget:
    """How many parts of values may still be read; long strings count as several."""

    left: int = 200_000


class NotAValue(ValueError):
    """The text is not a value that can be read without running it."""


class _Name(str):
    """A name whose value is not known yet."""

    __slots__ = ()


class _Function:
    """A function that returns a value: its parameters, the values that it sets, and the one that it returns."""

    __slots__ = ("parameters", "result", "settings")

    def __init__(self, parameters: list[str], settings: list[tuple[str, str, Any]], result: Any) -> None:
        self.parameters, self.settings, self.result = parameters, settings, result


def parse_value(
    text: str, start: int = 0, budget: Budget | None = None, *, stray_quotes: bool = False
) -> tuple[Any, int]:
    """Return the value that begins at `start`, and its end. Raises `NotAValue`, too if the budget is used up.

    With `stray_quotes`, a quote ends a string only before a comma, colon or bracket.
    """
    reader = _Reader(text, start, budget or Budget(), stray_quotes)
    value = reader.expression(0)
    return _bind(value, {}), reader.at


class _Reader:
    """The position in the text, and what may still be read."""

    def __init__(self, text: str, at: int, budget: Budget, stray_quotes: bool) -> None:
        self.text, self.at, self.budget, self.stray_quotes = text, at, budget, stray_quotes

    def spend(self, parts: int = 1) -> None:
        self.budget.left -= parts
        if self.budget.left < 0:
            self.fail()

    def fail(self) -> NoReturn:
        raise NotAValue(f"There is no value at {self.at}. Read another part of the text.")

    def peek(self) -> str:
        """Skip white space and comments, and return the next character, "" at the end."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def takes(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        if match := pattern.match(self.text, self.at):
            self.at = match.end()
        return match

    def expression(self, depth: int) -> Any:
        """Read a value, with the operators between its parts."""
        left = self.operand(depth)
        while self.peek() in ("+", "|", "&", "?") and (operator := self.takes(_OPERATOR)):
            right = self.operand(depth)
            if operator[0] == "+":
                left = left + right if type(left) is type(right) and isinstance(left, str | int | float) else left
            elif operator[0] == "&&" or not left or isinstance(left, _Name):
                left = right
        return left

    def operand(self, depth: int) -> Any:
        self.spend()
        if depth > _MAX_DEPTH:
            self.fail()
        first = self.peek()
        if first == "{":
            value: Any = self._object(depth)
        elif first == "[":
            self.at += 1
            value = self._items("]", depth)
        elif first and first in "\"'`":
            value = self._string(first)
        elif first == "(" and not _ARROW.match(self.text, self.at):
            value = self._group(depth)
        elif first == "!":
            self.at += 1
            value = not self.operand(depth + 1)
        elif number := self.takes(_NUMBER):
            return _number(number[0])
        elif first == "/" and self.takes(_REGEX):
            return None
        else:
            value = self._named(depth)
        return self._followed(value, depth) if self.peek() in (".", "(", "[", "?") else value

    def _string(self, quote: str) -> str:
        value, end = strings.read_string(self.text, self.at, quote, stray_quotes=self.stray_quotes)
        self.spend(((end if end > 0 else len(self.text)) - self.at) // _CHARS_A_STEP)
        if end < 0:
            self.fail()
        self.at = end
        return value

    def _group(self, depth: int) -> Any:
        self.at += 1
        value = self.expression(depth + 1)
        while self.peek() == ",":
            self.at += 1
            value = self.expression(depth + 1)
        if self.peek() != ")":
            self.fail()
        self.at += 1
        return value

    def _items(self, closing: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while (char := self.peek()) != closing:
            if not char:
                return found  # the text is cut off
            if char == ",":
                self.at += 1
                continue
            if self.text.startswith("...", self.at):
                self.at += 3
            found.append(self.expression(depth + 1))
            if self.peek() not in (",", closing, "", '"', "'", "{"):
                self.fail()
        self.at += 1
        return found

    def _object(self, depth: int) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        while (char := self.peek()) != "}":
            if not char:
                return found
            if char in ",;":
                self.at += 1
                continue
            if self.text.startswith("...", self.at):
                self.at += 3
                spread = self.expression(depth + 1)
                found.update(spread if isinstance(spread, dict) else {})
                continue
            key = self._key(char, depth)
            after = self.peek()
            if after == ":":
                self.at += 1
                if self.peek():
                    found[key] = self.expression(depth + 1)
            elif after == "(":
                self._skip_brackets()
                if self.peek() != "{":
                    self.fail()
                self._skip_brackets()
            elif after in (",", "}"):
                found[key] = _Name(key)
            else:
                self.fail()
        self.at += 1
        return found

    def _key(self, first: str, depth: int) -> str:
        if first in "\"'`":
            return self._string(first)
        if first == "[":
            self.at += 1
            return str(next(iter(self._items("]", depth + 1)), ""))
        match = self.takes(_IDENTIFIER) or self.takes(_NUMBER)
        if match is None:
            self.fail()
        return match[0]

    def _named(self, depth: int) -> Any:
        """Read a value that begins with a word: a constant, a name, a function."""
        if arrow := self.takes(_ARROW):
            return self._function((arrow[1] or arrow[2] or ""), depth, has_block=self.peek() == "{")
        match = self.takes(_IDENTIFIER)
        if match is None:
            self.fail()
        word = match[0]
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word in ("void", "typeof", "new", "await", "async"):
            value = self.operand(depth + 1)
            return value if word in ("new", "await", "async") else None
        if word == "function":
            if (parameters := self.takes(_PARAMETERS)) is None:
                self.fail()
            self.at -= 1
            return self._function(parameters[1], depth, has_block=True)
        return _Name(word)

    def _function(self, parameters: str, depth: int, *, has_block: bool) -> _Function:
        names = [p.strip() for p in parameters.split(",", _MAX_PARAMETERS)]
        if not has_block:
            return _Function(names, [], self.expression(depth + 1))
        start = self.at
        self.at += 1
        settings: list[tuple[str, str, Any]] = []
        try:
            while statement := self.takes(_STATEMENT):
                settings.append((statement[1], statement[2] or statement[3], self.expression(depth + 1)))
            result = self.expression(depth + 1) if self.takes(_RETURN) else None
            while self.peek() == ";":
                self.at += 1
            if self.peek() != "}":
                self.fail()
            self.at += 1
        except NotAValue:
            self.at, result, settings = start, None, []
            self._skip_brackets()
        return _Function(names, settings, result)

    def _followed(self, value: Any, depth: int) -> Any:
        """Read what follows a value: properties, indexes and calls."""
        while (char := self.peek()) in (".", "(", "[", "?"):
            if char == "." or self.text.startswith("?.", self.at):
                self.at += 1 if char == "." else 2
                if (match := self.takes(_IDENTIFIER)) and isinstance(value, _Name):
                    value = _Name(match[0])
            elif char == "[" and isinstance(value, _Name):
                self._skip_brackets()
            elif char == "(":
                self.at += 1
                value = _called(value, self._items(")", depth + 1))
            else:
                return value
        return value

    def _skip_brackets(self) -> None:
        """Skip an opening bracket and everything up to the closing one."""
        level = 0
        while match := _BRACKET.search(self.text, self.at):
            self.spend(1 + (match.start() - self.at) // _CHARS_A_STEP)
            char, self.at = match[0], match.start()
            if char[0] in "\"'`":
                self._string(char)
                continue
            if char[0] == "/":
                if self.peek() == "/":
                    self.at += 1
                continue
            self.at += 1
            level += 1 if char in "{[(" else -1
            if level <= 0:
                return
        self.fail()


def _number(text: str) -> int | float:
    plain = text.rstrip("n").replace("_", "")
    try:
        return int(plain, 0) if plain.lstrip("+-").isdigit() or "x" in plain.lower() else float(plain)
    except ValueError:
        return 0 if len(plain) > 2000 else float(plain.partition("e")[0] or 0) if plain[:1].isdigit() else 0


def _called(value: Any, arguments: list[Any]) -> Any:
    """Return the value of a call: what a known function returns, or the first argument."""
    if isinstance(value, _Function):
        environment = dict(zip(value.parameters, arguments, strict=False))
        for name, key, setting in value.settings:
            _set(environment.get(name), key, _bind(setting, environment))
        return _bind(value.result, environment)
    if isinstance(value, _Name):
        return next((a for a in arguments if a not in (None, "", [], {}) and not isinstance(a, _Name)), None)
    return value


def _set(target: Any, key: str, value: Any) -> None:
    if isinstance(target, dict):
        target[key] = value
    elif isinstance(target, list) and key.isdigit() and int(key) <= len(target):
        target[int(key) : int(key) + 1] = [value]


def _bind(value: Any, environment: Mapping[str, Any]) -> Any:
    """Return the value with its names replaced by their values, None for unknown names and functions."""

    def known(item: Any) -> Any:
        item = environment.get(item) if isinstance(item, _Name) else item
        return None if isinstance(item, _Name | _Function) else item

    value = known(value)
    stack, seen = [value], set()
    while stack:
        node = stack.pop()
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        pairs = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
        for key, item in pairs:
            if isinstance(item, _Name | _Function):
                node[key] = known(item)
            stack.append(node[key])
    return value
