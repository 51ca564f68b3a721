"""Reads saved objects back, and makes of each panel the search that Kibana would send, as far as we use it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: Elasticsearch types that an aggregation or a sort of Kibana works on.
NUMBERS = {"integer", "long", "float", "double", "short"}
DATES = {"date", "date_nanos"}
FITTING = {
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
class Use:
    """A field, and what a saved object does with it: an aggregation, or `query`, `column`, `sort`, `time`."""

    index: str
    field: str
    way: str


class Saved:
    """A file of saved objects."""

    def __init__(self, ndjson: str) -> None:
        self.objects: list[dict[str, Any]] = [json.loads(line) for line in ndjson.splitlines()]

    def of_type(self, type: str) -> list[dict[str, Any]]:
        return [o for o in self.objects if o["type"] == type]

    def find(self, type: str, id: str) -> dict[str, Any]:
        (found,) = [o for o in self.objects if (o["type"], o["id"]) == (type, id)]
        return found

    def index_of(self, panel: dict[str, Any]) -> str:
        (view,) = [r for r in panel["references"] if r["type"] == "index-pattern"]
        return str(self.find("index-pattern", view["id"])["attributes"]["title"])

    def uses(self) -> Iterator[Use]:
        """Every field that the file names."""
        for view in self.of_type("index-pattern"):
            yield Use(view["attributes"]["title"], view["attributes"]["timeFieldName"], "time")
        for panel in (*self.of_type("visualization"), *self.of_type("search")):
            index = self.index_of(panel)
            for field in _queried(query_of(panel)):
                yield Use(index, field, "query")
            yield from (Use(index, column, "column") for column in panel["attributes"].get("columns", ()))
            yield from (Use(index, field, "sort") for field, _ in panel["attributes"].get("sort", ()))
            for agg in _aggs(panel):
                if "field" in agg["params"]:
                    yield Use(index, agg["params"]["field"], agg["type"])
                for wanted in agg["params"].get("filters", ()):
                    yield from (Use(index, field, "query") for field in _queried(wanted["input"]))


def query_of(panel: dict[str, Any]) -> dict[str, str]:
    source = json.loads(panel["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    return dict(source["query"])


def request(panel: dict[str, Any]) -> dict[str, Any]:
    """The body of the search that draws this panel."""
    query = {"bool": {"filter": [_query(query_of(panel))]}}
    if panel["type"] == "search":
        sort = [{field: order} for field, order in panel["attributes"]["sort"]]
        return {"query": query, "sort": sort, "size": 500, "_source": panel["attributes"]["columns"]}
    aggs = _aggs(panel)
    metrics = {a["id"]: _body(a) for a in aggs if a["type"] in METRICS - {"count"}}
    nested: dict[str, Any] = metrics
    for agg in reversed([a for a in aggs if a["type"] not in METRICS]):
        nested = {agg["id"]: _body(agg) | {"aggs": nested | metrics}}
    return {"query": query, "size": 0, "aggs": nested, "track_total_hits": True}


def buckets(panel: dict[str, Any], answer: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The buckets of each level, those of the first bucket that has some standing for the next level."""
    here: dict[str, Any] = answer["aggregations"]
    for agg in (a for a in _aggs(panel) if a["type"] not in METRICS):
        found = here[agg["id"]]["buckets"]
        listed = list(found.values()) if isinstance(found, dict) else found
        yield agg["type"], listed
        here = listed[0] if listed else {}


def metrics(panel: dict[str, Any], answer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each metric of the whole (without buckets) or of the first bucket."""
    here: dict[str, Any] = answer.get("aggregations", {})
    for _, listed in buckets(panel, answer):
        here = listed[0]
    for agg in (a for a in _aggs(panel) if a["type"] in METRICS - {"count"}):
        found = here[agg["id"]]
        yield agg["type"], found["values"] if "values" in found else found["value"]


def _aggs(panel: dict[str, Any]) -> list[dict[str, Any]]:
    if panel["type"] == "search":
        return []
    return list(json.loads(panel["attributes"]["visState"])["aggs"])


def _query(query: dict[str, str]) -> dict[str, Any]:
    assert query["language"] == "lucene"
    return (
        {"query_string": {"query": query["query"], "analyze_wildcard": True}} if query["query"] else {"match_all": {}}
    )


def _body(agg: dict[str, Any]) -> dict[str, Any]:
    params = agg["params"]
    if agg["type"] == "filters":
        return {"filters": {"filters": {f["label"]: _query(f["input"]) for f in params["filters"]}}}
    if agg["type"] == "date_histogram":  # Kibana puts an interval that fits the span in place of "auto"
        return {"date_histogram": {"field": params["field"], "calendar_interval": "1d", "min_doc_count": 1}}
    if agg["type"] == "terms":
        return {"terms": {"field": params["field"], "size": params["size"], "order": {"_count": params["order"]}}}
    kept = {name: value for name, value in params.items() if name in ("field", "percents")}
    return {agg["type"]: kept}


def _queried(query: dict[str, str]) -> list[str]:
    text = query["query"]
    named = re.findall(r"_exists_:(\w+)", text)
    return named + [f for f in re.findall(r"(\w+):", text) if f != "_exists_"]
