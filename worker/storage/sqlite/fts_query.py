"""Hosts in a condition of SQL.

A query's tree as an expression of FTS5, and the columns that it speaks of.

The text of a document stands in the full-text table as folded words, one blank between two, in a column per field, and
its stems in a column beside it. FTS5 need not cut words itself: its `ascii` tokenizer parts them at the blanks.
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


def of_hosts(column: str, names: Iterable[str]) -> tuple[str, list[Value]]:
    """That a column holds an origin that is meant by one of these names, and the parameters of that."""
    meant = origins(names)
    parameters = [json.dumps(meant.exact)]
    condition = f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608
    if not meant.beginnings:
        return condition, parameters
    # Nothing but a port is cut off.
    begun = f"rtrim({column}, '0123456789') IN (SELECT value FROM json_each(?))"  # noqa: S608
    return f"({condition} OR {begun})", [*parameters, json.dumps(meant.beginnings)]


class Column(NamedTuple):
    name: str
    weight: float  #: of a match there, for the ranking


COLUMNS: tuple[Column, ...] = (
    *(Column(name, weight) for name, weight in TEXTS.items()),
    *(Column(f"{name}_stems", weight) for name, weight in TEXTS.items()),
    *(Column(name, weight) for name, weight in {**NAMES, **OTHERS}.items()),
    Column("everything", 0.0),  # holds one word that all documents share, to subtract from
)
EVERYTHING = "all"


def expression(node: Node, scope: str, languages: Sequence[str] = tuple(LANGUAGES)) -> str:
    """FTS5's MATCH expression; empty if the node is everything. `languages`: whose stems to look for."""
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
    return '"' + " ".join(folded) + '"'  # words are letters, digits and marks: there is nothing to escape


def _in_columns(columns: Sequence[str], phrase: str) -> str:
    return f"{{{' '.join(columns)}}} : {phrase}"
