"""Read Kibana's saved objects and build the search that Kibana sends for each panel, as far as our panels need it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: The Elasticsearch field types that each aggregation of Kibana accepts.
NUMBERS = {"integer", "long", "float", "double", "short"}
DATES = {"date", "date_nanos"}
ACCEPTED_TYPES = {
    "terms": {"keyword", "boolean"} | NUMBERS,
    "cardinality": {"keyword"} | NUMBERS,
    "date_histogram": DATES,
    "min": DATES | NUMBERS,
    "max": DATES | NUMBERS,
    "avg": NUMBERS,
    "sum": NUMBERS,
    "percentiles": NUMBERS,
}
METRICS = {"count", "cardinality", "min", "max", "avg", "sum", "percentiles"}


@dataclass(frozen=True)
class FieldUse:
    """A field that a saved object uses, and the purpose: an aggregation, `query`, `column`, `sort` or `time`."""

    index: str
    field: str
    purpose: str


class SavedObjects:
    """The saved objects of an NDJSON file."""

    def __init__(self, ndjson: str) -> None:
        self.objects: list[dict[str, Any]] = [json.loads(line) for line in ndjson.splitlines()]

    @property
    def panels(self) -> list[dict[str, Any]]:
        """All charts and document lists."""
        return [*self.of_type("visualization"), *self.of_type("search")]

    def of_type(self, type: str) -> list[dict[str, Any]]:
        """Return the objects of one type."""
        return [o for o in self.objects if o["type"] == type]

    def find(self, type: str, id: str) -> dict[str, Any]:
        """Return the object with this type and id."""
        (match,) = [o for o in self.objects if (o["type"], o["id"]) == (type, id)]
        return match

    def index_of(self, panel: dict[str, Any]) -> str:
        """Return the name of the index that a panel searches."""
        (view,) = [r for r in panel["references"] if r["type"] == "index-pattern"]
        return str(self.find("index-pattern", view["id"])["attributes"]["title"])

    def field_uses(self) -> Iterator[FieldUse]:
        """Yield every use of a field in the file."""
        for view in self.of_type("index-pattern"):
            yield FieldUse(view["attributes"]["title"], view["attributes"]["timeFieldName"], "time")
        for panel in self.panels:
            index = self.index_of(panel)
            for field in _fields_of_query(query_of(panel)):
                yield FieldUse(index, field, "query")
            yield from (FieldUse(index, column, "column") for column in panel["attributes"].get("columns", ()))
            yield from (FieldUse(index, field, "sort") for field, _ in panel["attributes"].get("sort", ()))
            for agg in _aggregations(panel):
                if "field" in agg["params"]:
                    yield FieldUse(index, agg["params"]["field"], agg["type"])
                for entry in agg["params"].get("filters", ()):
                    yield from (FieldUse(index, field, "query") for field in _fields_of_query(entry["input"]))


def query_of(panel: dict[str, Any]) -> dict[str, str]:
    """Return the query of a panel, as Kibana stores it."""
    source = json.loads(panel["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    return dict(source["query"])


def search_request(panel: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the search request behind a panel."""
    query = {"bool": {"filter": [_query(query_of(panel))]}}
    if panel["type"] == "search":
        sort = [{field: order} for field, order in panel["attributes"]["sort"]]
        return {"query": query, "sort": sort, "size": 500, "_source": panel["attributes"]["columns"]}
    aggs = _aggregations(panel)
    metrics = {a["id"]: _aggregation_body(a) for a in aggs if a["type"] in METRICS - {"count"}}
    nested: dict[str, Any] = metrics
    for agg in reversed([a for a in aggs if a["type"] not in METRICS]):
        nested = {agg["id"]: _aggregation_body(agg) | {"aggs": nested | metrics}}
    return {"query": query, "size": 0, "aggs": nested, "track_total_hits": True}


def buckets(panel: dict[str, Any], response: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the aggregation type and the buckets of each level, following the first bucket of the level above."""
    level: dict[str, Any] = response["aggregations"]
    for agg in (a for a in _aggregations(panel) if a["type"] not in METRICS):
        found = level[agg["id"]]["buckets"]
        listed = list(found.values()) if isinstance(found, dict) else found
        yield agg["type"], listed
        level = listed[0] if listed else {}


def metrics(panel: dict[str, Any], response: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the type and value of each metric: of all documents, or of the first bucket where there are buckets."""
    level: dict[str, Any] = response.get("aggregations", {})
    for _, listed in buckets(panel, response):
        level = listed[0]
    for agg in (a for a in _aggregations(panel) if a["type"] in METRICS - {"count"}):
        found = level[agg["id"]]
        yield agg["type"], found["values"] if "values" in found else found["value"]


def _aggregations(panel: dict[str, Any]) -> list[dict[str, Any]]:
    if panel["type"] == "search":
        return []
    return list(json.loads(panel["attributes"]["visState"])["aggs"])


def _query(query: dict[str, str]) -> dict[str, Any]:
    assert query["language"] == "lucene"
    text = query["query"]
    return {"query_string": {"query": text, "analyze_wildcard": True}} if text else {"match_all": {}}


def _aggregation_body(agg: dict[str, Any]) -> dict[str, Any]:
    params = agg["params"]
    if agg["type"] == "filters":
        return {"filters": {"filters": {f["label"]: _query(f["input"]) for f in params["filters"]}}}
    if agg["type"] == "date_histogram":  # Kibana replaces "auto" by an interval that fits the time range
        return {"date_histogram": {"field": params["field"], "calendar_interval": "1d", "min_doc_count": 1}}
    if agg["type"] == "terms":
        return {"terms": {"field": params["field"], "size": params["size"], "order": {"_count": params["order"]}}}
    kept = {name: value for name, value in params.items() if name in ("field", "percents")}
    return {agg["type"]: kept}


def _fields_of_query(query: dict[str, str]) -> list[str]:
    text = query["query"]
    fields = re.findall(r"_exists_:(\w+)", text)
    return fields + [f for f in re.findall(r"(\w+):", text) if f != "_exists_"]
