"""Hosts in a query of Elasticsearch.

A query's tree as a query of Elasticsearch.

Each document's text stands in plain fields, folded, and in `stems.<its language>.<field>`, analysed by Elasticsearch's
own analyzer of that language. A word may match in any of the fields that it is looked for in, each analysed its way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any as Json

from worker.model.query import FIELDS
from worker.search.fields import SCOPES, TEXTS
from worker.search.host_filter import origins
from worker.search.query_parser import All, Any, Node, Not, Phrase, Word
from worker.search.tokenizer import terms


def of_hosts(names: Iterable[str]) -> Clause:
    """That the host is an origin that is meant by one of these names."""
    meant = origins(names)
    exact = {"terms": {"host": list(meant.exact)}}
    if not meant.beginnings:
        return exact
    return {"bool": {"should": [exact, *({"prefix": {"host": b}} for b in meant.beginnings)]}}


STEM_WEIGHT = 0.5  #: of a match by stem against one as written
TIE_BREAKER = 0.3  #: what matches in further fields add to the best one

Clause = dict[str, Json]


def clause(node: Node, scope: str) -> Clause:
    """Elasticsearch's query for what a tree means."""
    match node:
        case All(()):
            return {"match_all": {}}
        case All(nodes):
            return _all(nodes, scope)
        case Any(nodes):
            return {"bool": {"should": [clause(n, scope) for n in nodes], "minimum_should_match": 1}}
        case Not():
            return _all((node,), scope)
        case Phrase(text, field):
            return _phrase(text, _plain(field, scope))
        case Word():
            return _word(node, scope)


def _word(word: Word, scope: str) -> Clause:
    plain, folded = _plain(word.field, scope), terms(word.text)
    if word.is_prefix:
        return _prefix(word.text, folded, plain)
    # Analyzers drop stop words: by its stems, `by-election` would be any election.
    return _phrase(word.text, [*plain, *_stems(word.field, scope)] if len(folded) == 1 else plain)


def _all(nodes: Sequence[Node], scope: str) -> Clause:
    wanted = [clause(n, scope) for n in nodes if not isinstance(n, Not)]
    unwanted = [clause(n.node, scope) for n in nodes if isinstance(n, Not)]
    return {"bool": {"must": wanted, "must_not": unwanted}} if unwanted else {"bool": {"must": wanted}}


def _phrase(text: str, fields: Sequence[str]) -> Clause:
    """A word that an analyzer cuts in several is a phrase of them; of a single one, a plain term."""
    composed = unicodedata.normalize("NFC", text)
    return {"multi_match": {"query": composed, "type": "phrase", "fields": list(fields), "tie_breaker": TIE_BREAKER}}


def _prefix(text: str, folded: Sequence[str], fields: Sequence[str]) -> Clause:
    if len(folded) > 1:
        return {"multi_match": {"query": text, "type": "phrase_prefix", "fields": list(fields), "max_expansions": 1000}}
    weights = ((name, float(weight or 1)) for name, _, weight in (field.partition("^") for field in fields))
    queries = [{"prefix": {name: {"value": folded[0], "boost": weight}}} for name, weight in weights]
    return {"dis_max": {"queries": queries, "tie_breaker": TIE_BREAKER}}


def _fields(field: str | None, scope: str) -> Sequence[str]:
    return (FIELDS[field],) if field else SCOPES[scope]


def _plain(field: str | None, scope: str) -> list[str]:
    return [f"{n}^{TEXTS[n]}" if n in TEXTS else f"{n}.folded" for n in _fields(field, scope)]


def _stems(field: str | None, scope: str) -> list[str]:
    return [f"stems.*.{n}^{TEXTS[n] * STEM_WEIGHT}" for n in _fields(field, scope) if n in TEXTS]
