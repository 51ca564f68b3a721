"""The body of a search request: what is wanted, which filters, what is counted beside the hits.

A filter whose values are counted, too, is applied after counting (`post_filter`), and to every count but its own: one
sees what else could be chosen, as in shops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.model.query import FIELDS, Query
from worker.search.dates import millis
from worker.search.fields import TEXTS
from worker.search.highlighting import FRAGMENT_CHARS, FRAGMENTS, MOST_CHARS
from worker.search.query_parser import All, Parsed
from worker.storage.elasticsearch.query_builder import clause, of_hosts

#: Stand around matches in Elasticsearch's answer; code points that no text has. It would trim control characters.
MARK_START, MARK_END = "\ufdd0", "\ufdd1"
HISTOGRAM = "dates"

Body = dict[str, Any]


def body(query: Query, parsed: Parsed, *, after: Sequence[Any] | None = None, interval: str | None = None) -> Body:
    """All of one page of results, one hit more than `query.size` to see whether there is a next page."""
    size = query.size + 1 if query.size else 0
    found: Body = {
        "query": matching(query, parsed),
        "size": size,
        "sort": order(query, parsed),
        "track_scores": by_score(query, parsed),
        "track_total_hits": True,
        "aggs": _counts(query, interval),
    }
    if later := _later(query):
        found["post_filter"] = {"bool": {"filter": list(later.values())}}
    if after is not None:
        found["search_after"] = list(after)
    return found


def matching(query: Query, parsed: Parsed) -> Body:
    """Text, dates, ids, and the filters that are not counted."""
    filters = [f for name, f in _filters(query).items() if name not in query.facets]
    return {"bool": {"must": [clause(parsed.node, query.scope)], "filter": [*filters, *_dates(query), *_ids(query)]}}


def everything_asked(query: Query, parsed: Parsed) -> Body:
    """Text, dates, ids and all filters."""
    filters = [*_filters(query).values(), *_dates(query), *_ids(query)]
    return {"bool": {"must": [clause(parsed.node, query.scope)], "filter": filters}}


def by_score(query: Query, parsed: Parsed) -> bool:
    return query.sort == "relevance" and parsed.node != All()


def order(query: Query, parsed: Parsed) -> list[Body]:
    if by_score(query, parsed):
        return [{"_score": {"order": "desc"}}, {"id": {"order": "asc"}}]
    direction = "asc" if query.sort == "oldest" else "desc"
    return [{"date_published": {"order": direction, "missing": "_last"}}, {"id": {"order": "asc"}}]


def _filters(query: Query) -> Mapping[str, Body]:
    return {
        name: of_hosts(values) if name == "host" else {"terms": {FIELDS[name]: list(values)}}
        for name, values in query.filters.items()
    }


def _later(query: Query) -> Mapping[str, Body]:
    return {name: f for name, f in _filters(query).items() if name in query.facets}


def _dates(query: Query) -> list[Body]:
    bounds: Body = {}
    if query.since:
        bounds["gte"] = millis(query.since)
    if query.until:
        bounds["lt"] = millis(query.until)
    return [{"range": {"date_published": {**bounds, "format": "epoch_millis"}}}] if bounds else []


def _ids(query: Query) -> list[Body]:
    return [{"ids": {"values": list(query.ids)}}] if query.ids else []


def _counts(query: Query, interval: str | None) -> Body:
    """Aggregations by facet, and the histogram, each under the filters that are not its own."""
    later = _later(query)
    counts: Body = {}
    for name in query.facets:
        if query.facet_size:
            terms = {"terms": {"field": FIELDS[name], "size": query.facet_size}}
            counts[name] = _under([f for other, f in later.items() if other != name], terms)
    if interval:
        dates = {"field": "date_published", "calendar_interval": interval, "format": "uuuu-MM-dd", "min_doc_count": 1}
        counts[HISTOGRAM] = _under(list(later.values()), {"date_histogram": dates})
    return counts


def _under(filters: Sequence[Body], counted: Body) -> Body:
    return {"filter": {"bool": {"filter": list(filters)}}, "aggs": {"counted": counted}}


def highlighting(query: Query, parsed: Parsed, languages: Mapping[str, str | None]) -> Body:
    """What Elasticsearch itself would mark in these documents, given by id with the language of their stems."""
    codes = sorted({code for code in languages.values() if code})
    fields = {name: {"matched_fields": [name, *(f"stems.{code}.{name}" for code in codes)]} for name in TEXTS}
    asked = everything_asked(query, parsed)
    asked["bool"]["filter"].append({"ids": {"values": list(languages)}})
    return {
        "query": asked,
        "size": len(languages),
        "_source": False,
        "highlight": {
            "type": "unified",
            "pre_tags": [MARK_START],
            "post_tags": [MARK_END],
            "fragment_size": FRAGMENT_CHARS,
            "number_of_fragments": FRAGMENTS,
            "max_analyzed_offset": MOST_CHARS,
            "fields": fields | {"headline": {**fields["headline"], "number_of_fragments": 0}},
        },
    }
