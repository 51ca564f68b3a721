"""A parsed query as an expression of FTS5, the columns of the full-text table, and host filters as SQL.

The full-text table has a column for each field, with folded words separated by blanks, and beside it a column with
their stems. FTS5 does not need to find words itself: its `ascii` tokenizer splits at the blanks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any as Value
from typing import NamedTuple

from worker.model.query import FIELDS
from worker.search.fields import LANGUAGES, NAMES, OTHERS, SCOPES, TEXTS
from worker.search.host_filter import origins
from worker.search.query_parser import All, Any, Node, Not, Phrase, Word
from worker.search.stemming import stems
from worker.search.tokenizer import is_cjk, surfaces, terms


def host_condition(column: str, names: Iterable[str]) -> tuple[str, list[Value]]:
    """Return the SQL condition that a column contains an origin matched by one of these names, and its parameters."""
    matched = origins(names)
    parameters = [json.dumps(matched.exact)]
    condition = f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608
    if not matched.prefixes:
        return condition, parameters
    # This cuts off nothing but a port.
    with_port = f"rtrim({column}, '0123456789') IN (SELECT value FROM json_each(?))"  # noqa: S608
    return f"({condition} OR {with_port})", [*parameters, json.dumps(matched.prefixes)]


class Column(NamedTuple):
    """A column of the full-text table."""

    name: str
    weight: float  #: weight of a match in this column


COLUMNS: tuple[Column, ...] = (
    *(Column(name, weight) for name, weight in TEXTS.items()),
    *(Column(f"{name}_stems", weight) for name, weight in TEXTS.items()),
    *(Column(name, weight) for name, weight in {**NAMES, **OTHERS}.items()),
    Column("everything", 0.0),  # contains one word that all articles share, for queries that only exclude
)
EVERYTHING = "all"


def expression(node: Node, scope: str, languages: Sequence[str] = tuple(LANGUAGES)) -> str:
    """Return the MATCH expression of a query, with stems of `languages`; empty if the query matches everything."""
    return _Translator(SCOPES[scope], languages).translate(node)


class _Translator:
    def __init__(self, fields: Sequence[str], languages: Sequence[str]) -> None:
        self._fields = fields
        self._languages = languages

    def translate(self, node: Node) -> str:
        match node:
            case All(nodes):
                return self._all(nodes)
            case Any(nodes):
                return "(" + " OR ".join(self.translate(n) for n in nodes) + ")"
            case Not():
                return self._all((node,))
            case Phrase(text, field):
                return _in_columns(self._columns(field), _quoted(terms(text)))
            case Word():
                return self._word(node)

    def _all(self, nodes: Sequence[Node]) -> str:
        wanted = [self.translate(n) for n in nodes if not isinstance(n, Not)]
        unwanted = [self.translate(n.node) for n in nodes if isinstance(n, Not)]
        if not nodes:
            return ""
        kept = " AND ".join(wanted) if wanted else f'{{everything}} : "{EVERYTHING}"'
        return f"(({kept}) NOT ({' OR '.join(unwanted)}))" if unwanted else f"({kept})"

    def _word(self, word: Word) -> str:
        columns = self._columns(word.field)
        folded = terms(word.text)
        if word.is_prefix:
            return _in_columns(columns, _quoted(folded) + " *")
        either = [_in_columns(columns, _quoted(folded))]
        stemmed = [f"{name}_stems" for name in columns if name in TEXTS]
        if stemmed and len(folded) == 1 and not is_cjk(folded[0]):
            found = surfaces(word.text)
            variants = [_quoted(stems(language, found)) for language in self._languages]
            either += [_in_columns(stemmed, f"({' OR '.join(variants)})")] if variants else []
        return f"({' OR '.join(either)})"

    def _columns(self, field: str | None) -> Sequence[str]:
        return (FIELDS[field],) if field else self._fields


def _quoted(folded: Sequence[str]) -> str:
    return '"' + " ".join(folded) + '"'  # words are letters, digits and marks, so there is nothing to escape


def _in_columns(columns: Sequence[str], phrase: str) -> str:
    return f"{{{' '.join(columns)}}} : {phrase}"
