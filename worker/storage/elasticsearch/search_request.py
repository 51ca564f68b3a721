"""The body of a search request: the query, its filters, and the counts beside the hits.

The text of each document is stored in plain fields, folded, and in `stems.<its language>.<field>`, analysed by
Elasticsearch's analyzer of that language. A word may match in any of its fields, each analysed in its own way.

A filter with a facet is applied after counting (`post_filter`), and to every count but its own, so that a facet shows
the other choices.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any as Json

from worker.model.query import FIELDS, Query
from worker.search.fields import SCOPES, TEXTS
from worker.search.highlighting import FRAGMENT_CHARS, FRAGMENTS, MAX_CHARS
from worker.search.histogram import millis
from worker.search.host_filter import origins
from worker.search.query_parser import All, Any, Node, Not, Phrase, Word
from worker.search.service import SearchRequest
from worker.search.tokenizer import terms as terms_of

STEM_WEIGHT = 0.5  #: weight of a match by stem, relative to a match as written
TIE_BREAKER = 0.3  #: share of the scores of other matching fields that is added to the best score
PREFIX_EXPANSIONS = 1000  #: words that are tried for a prefix at the end of a phrase

#: Around matches in Elasticsearch's answer: code points that no text has. It would trim control characters.
MARK_START, MARK_END = "\ufdd0", "\ufdd1"
HISTOGRAM = "dates"

Clause = dict[str, Json]


def page_body(request: SearchRequest, after: Sequence[Json] | None) -> Clause:
    """Return the body for one page of results, with one hit more to see whether there is a next page."""
    query = request.query
    found: Clause = {
        "query": _early_query(request),
        "size": query.size + 1 if query.size else 0,
        "sort": order(request),
        "track_scores": request.by_score,
        "track_total_hits": True,
        "aggs": _aggregations(query),
    }
    if later := _later_filters(query):
        found["post_filter"] = {"bool": {"filter": list(later.values())}}
    if after is not None:
        found["search_after"] = list(after)
    return found


def whole_query(request: SearchRequest, *more: Clause) -> Clause:
    """Return the query with all filters, and further ones."""
    filters = [*_filters(request.query).values(), *_fixed_filters(request.query), *more]
    return {"bool": {"must": [clause(request.node, request.query.scope)], "filter": filters}}


def order(request: SearchRequest) -> list[Clause]:
    """Return the sort order. The id decides between equal keys."""
    if request.by_score:
        return [{"_score": {"order": "desc"}}, {"id": {"order": "asc"}}]
    direction = "asc" if request.query.sort == "oldest" else "desc"
    return [{"date_published": {"order": direction, "missing": "_last"}}, {"id": {"order": "asc"}}]


def highlight_body(request: SearchRequest, languages: Mapping[str, str | None]) -> Clause:
    """Return the body that lets Elasticsearch highlight documents, given by id with the language of their stems."""
    codes = sorted({code for code in languages.values() if code})
    fields = {name: {"matched_fields": [name, *(f"stems.{code}.{name}" for code in codes)]} for name in TEXTS}
    return {
        "query": whole_query(request, {"ids": {"values": list(languages)}}),
        "size": len(languages),
        "source": False,
        "highlight": {
            "type": "unified",
            "pre_tags": [MARK_START],
            "post_tags": [MARK_END],
            "fragment_size": FRAGMENT_CHARS,
            "number_of_fragments": FRAGMENTS,
            "max_analyzed_offset": MAX_CHARS,
            "fields": fields | {"headline": {**fields["headline"], "number_of_fragments": 0}},
        },
    }


def host_clause(names: Iterable[str]) -> Clause:
    """Return the filter for hosts, given by name or origin, see `host_filter`."""
    matched = origins(names)
    exact = {"terms": {"host": list(matched.exact)}}
    if not matched.prefixes:
        return exact
    return {"bool": {"should": [exact, *({"prefix": {"host": prefix}} for prefix in matched.prefixes)]}}


def clause(node: Node, scope: str) -> Clause:
    """Return the query for a parsed query text."""
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
            return _phrase(text, _plain_fields(field, scope))
        case Word():
            return _word(node, scope)


def _all(nodes: Sequence[Node], scope: str) -> Clause:
    wanted = [clause(n, scope) for n in nodes if not isinstance(n, Not)]
    unwanted = [clause(n.node, scope) for n in nodes if isinstance(n, Not)]
    return {"bool": {"must": wanted, "must_not": unwanted}} if unwanted else {"bool": {"must": wanted}}


def _word(word: Word, scope: str) -> Clause:
    plain, folded = _plain_fields(word.field, scope), terms_of(word.text)
    if word.is_prefix:
        return _prefix(word.text, folded, plain)
    # Analyzers drop stop words, so the stems of `by-election` would match any election.
    return _phrase(word.text, [*plain, *_stem_fields(word.field, scope)] if len(folded) == 1 else plain)


def _phrase(text: str, fields: Sequence[str]) -> Clause:
    """Return a phrase query. Of a text that the analyzer keeps as one word, Elasticsearch makes a term query."""
    composed = unicodedata.normalize("NFC", text)
    return {"multi_match": {"query": composed, "type": "phrase", "fields": list(fields), "tie_breaker": TIE_BREAKER}}


def _prefix(text: str, folded: Sequence[str], fields: Sequence[str]) -> Clause:
    if len(folded) > 1:
        phrase = {"query": text, "type": "phrase_prefix", "fields": list(fields)}
        return {"multi_match": {**phrase, "max_expansions": PREFIX_EXPANSIONS}}
    weights = ((name, float(weight or 1)) for name, _, weight in (field.partition("^") for field in fields))
    queries = [{"prefix": {name: {"value": folded[0], "boost": weight}}} for name, weight in weights]
    return {"dis_max": {"queries": queries, "tie_breaker": TIE_BREAKER}}


def _fields(field: str | None, scope: str) -> Sequence[str]:
    return (FIELDS[field],) if field else SCOPES[scope]


def _plain_fields(field: str | None, scope: str) -> list[str]:
    return [f"{n}^{TEXTS[n]}" if n in TEXTS else f"{n}.folded" for n in _fields(field, scope)]


def _stem_fields(field: str | None, scope: str) -> list[str]:
    return [f"stems.*.{n}^{TEXTS[n] * STEM_WEIGHT}" for n in _fields(field, scope) if n in TEXTS]


def _early_query(request: SearchRequest) -> Clause:
    """Return the query with the filters that apply before counting."""
    query = request.query
    filters = [f for name, f in _filters(query).items() if name not in query.facets]
    return {"bool": {"must": [clause(request.node, query.scope)], "filter": [*filters, *_fixed_filters(query)]}}


def _filters(query: Query) -> Mapping[str, Clause]:
    return {
        name: host_clause(values) if name == "host" else {"terms": {FIELDS[name]: list(values)}}
        for name, values in query.filters.items()
    }


def _later_filters(query: Query) -> Mapping[str, Clause]:
    return {name: f for name, f in _filters(query).items() if name in query.facets}


def _fixed_filters(query: Query) -> list[Clause]:
    """Return the filters for dates and ids, which apply before facets are counted."""
    bounds: Clause = {}
    if query.since:
        bounds["gte"] = millis(query.since)
    if query.until:
        bounds["lt"] = millis(query.until)
    dates: list[Clause] = [{"range": {"date_published": {**bounds, "format": "epoch_millis"}}}] if bounds else []
    return [*dates, {"ids": {"values": list(query.ids)}}] if query.ids else dates


def _aggregations(query: Query) -> Clause:
    """Return the facets and the histogram, each under all later filters but its own."""
    later = _later_filters(query)
    counts: Clause = {}
    for name in query.facets:
        if query.facet_size:
            terms = {"terms": {"field": FIELDS[name], "size": query.facet_size}}
            counts[name] = _filtered([f for other, f in later.items() if other != name], {"counted": terms})
    if query.histogram:
        counts[HISTOGRAM] = _filtered(list(later.values()), _dates(query.histogram))
    return counts


def _dates(interval: str) -> Clause:
    """Return the counts by day, month or year. The search service merges days into weeks and fitting intervals."""
    field = {"field": "date_published"}
    unit = interval if interval in ("month", "year") else "day"
    dates = {**field, "calendar_interval": unit, "format": "uuuu-MM-dd", "min_doc_count": 1}
    return {"counted": {"date_histogram": dates}, "first": {"min": field}, "last": {"max": field}}


def _filtered(filters: Sequence[Clause], aggregations: Clause) -> Clause:
    return {"filter": {"bool": {"filter": list(filters)}}, "aggs": aggregations}
