"""The query language of `Query.text`, parsed into a small tree that each backend translates.

    flood rescue    all words, in any order
    "a phrase"      these words in this order, as written, without stemming
    a OR b          one of the two neighbours of OR, so `a OR b c` is (a or b) and c
    -a, NOT a       articles without the word
    resc*           words with this prefix
    field:a         the word in this field only; also `field:"a b"`, `field:(a OR b)` and `-field:a`
    ( … )           a group

Every text is accepted. An operator in the wrong place is read as a word, and a note tells the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from worker.model.query import FIELDS
from worker.search.tokenizer import is_cjk, terms

MAX_CHARS = 2000  #: characters of a text that are read; a longer text gets a note
MAX_WORDS = 64  #: words that are searched; further words cost time and get a note
MAX_DEPTH = 8
NO_WORD = "The query has no searchable word, so all articles match."
NAMED = 5  #: unknown fields that a note names


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a prefix. A word also matches by its stem, in languages with a stemmer."""

    text: str
    field: str | None = None  #: short name; None: the fields of the query's scope
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, as written except for case and accents."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """A node for the articles that do not match another node."""

    node: Node


@dataclass(frozen=True, slots=True)
class All:
    """A node for the articles that match every node. Without nodes it matches all articles."""

    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """A node for the articles that match at least one node."""

    nodes: tuple[Node, ...]


Node = Word | Phrase | Not | All | Any


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed query text."""

    node: All
    notes: tuple[str, ...] = ()  #: how unusual parts were interpreted


def parse(text: str) -> Parsed:
    """Return the tree of a query text. Never raises."""
    text = text.strip()
    start = text if len(text) <= MAX_CHARS else text[:MAX_CHARS].rsplit(None, 1)[0]
    reader = _Reader(_lex(start))
    found = reader.sequence(None, depth=0)
    node = found if isinstance(found, All) else All((found,))
    notes = tuple(_notes(reader, is_cut=start is not text))
    return Parsed(node, notes if node.nodes or not text else (*notes, NO_WORD))


#: Short names and the names in documents, so that `article_section:` works like `section:`.
_FIELD_NAMES: Mapping[str, str] = {**{field: name for name, field in FIELDS.items()}, **{name: name for name in FIELDS}}

_QUOTES = '"“”„«»'
_TOKEN = re.compile(
    rf"""
    (?P<minus>(?<![^\s(])[-\u2212](?=[^\s\-]))
    | (?P<field>(?<![^\s(\-\u2212])[A-Za-z_]+):(?=[^\s:/])
    | [{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]?
    | (?P<open>\() | (?P<close>\))
    | (?P<word>[^\s(){_QUOTES}]+)
    | \s+
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _lex(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        if kind := match.lastgroup:
            found.append(_Token(_OPERATORS.get(match.group(), kind), match.group(kind)))
    return found


_OPERATORS = {"OR": "or", "|": "or", "||": "or", "AND": "and", "&&": "and", "NOT": "minus"}


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._words = 0
        self.unknown: dict[str, None] = {}  #: unknown field names, in order
        self.detached: dict[str, None] = {}  #: field names that a blank follows after the colon, in order
        self.has_more = False  #: True if the query has more words than are searched

    def sequence(self, field: str | None, depth: int) -> Node:
        """Read until a closing bracket or the end. Return all parts; OR joins its two neighbours."""
        parts: list[Node] = []
        joins = False
        while (token := self._peek()) and not (token.kind == "close" and depth):
            if token.kind == "or":
                joins = bool(parts)
                self._at += 1
                continue
            node = self._part(field, depth)
            if node is None:
                continue
            parts.append(_either(parts.pop(), node) if joins else node)
            joins = False
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self, field: str | None, depth: int) -> Node | None:
        token = self._next()
        match token.kind:
            case "minus":
                following = self._operand(field, depth)
                return Not(following) if following else None
            case "field":
                return self._in_field(token.text, field, depth)
            case "open" if depth < MAX_DEPTH:
                return self._group(field, depth)
            case "phrase":
                return self._limited(Phrase(token.text, field))
            case "word":
                return self._word(token.text, field)
        return None  # a stray AND or bracket

    def _operand(self, field: str | None, depth: int) -> Node | None:
        token = self._peek()
        return self._part(field, depth) if token and token.kind not in ("or", "and", "minus", "close") else None

    def _in_field(self, name: str, field: str | None, depth: int) -> Node | None:
        if known := _FIELD_NAMES.get(name.lower()):
            return self._operand(known, depth)
        self.unknown[name] = None
        word, rest = self._word(name, field), self._operand(field, depth)
        return All((word, rest)) if word and rest else word or rest

    def _group(self, field: str | None, depth: int) -> Node | None:
        node = self.sequence(field, depth + 1)
        if self._peek():
            self._at += 1  # the closing bracket, which may be missing
        return None if node == All() else node

    def _word(self, text: str, field: str | None) -> Node | None:
        if text.endswith(":") and text[:-1].lower() in _FIELD_NAMES:
            self.detached[text] = None
        stem = text.rstrip("*")
        found = terms(stem)
        # Chinese, Japanese and Korean are indexed by pairs of characters: a single character is the prefix of a pair.
        is_half = len(found) == 1 and len(found[0]) == 1 and is_cjk(found[0])
        return self._limited(Word(stem, field, is_prefix=stem != text or is_half))

    def _limited(self, node: Word | Phrase) -> Node | None:
        length = len(terms(node.text))
        if self._words + length > MAX_WORDS:
            self.has_more = True
            return None
        self._words += length
        return node if length else None

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]


def _notes(reader: _Reader, *, is_cut: bool) -> Iterator[str]:
    names = [repr(name) for name in reader.unknown]
    if names:
        named = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        one, many = f"Unknown field {named}, read as a word.", f"Unknown fields {named}, read as words."
        yield f"{one if len(names) == 1 else many} The fields are: {', '.join(FIELDS)}"
    for name in reader.detached:
        yield f"{name!r} was read as a word. To search that field, leave out the blank after the colon."
    if is_cut:
        yield f"Only the first {MAX_CHARS:,} characters were read."
    if reader.has_more:
        yield f"Only the first {MAX_WORDS} words were searched."


def _either(left: Node, right: Node) -> Any:
    return Any((*left.nodes, right) if isinstance(left, Any) else (left, right))
