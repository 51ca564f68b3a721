"""Aggregations as a visualization of Kibana names them; each becomes one of Elasticsearch's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    type: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def numbered(self, id: int, schema: str) -> dict[str, Any]:
        """As it stands in a `visState`; `schema` is the place in the chart that it fills."""
        return {"id": str(id), "enabled": True, "type": self.type, "schema": schema, "params": dict(self.params)}


def count(label: str = "articles") -> Aggregation:
    return Aggregation(type="count", params={"customLabel": label})


def metric(type: str, of: str, label: str) -> Aggregation:
    """`cardinality` (how many different values), `avg`, `min`, `max` or `sum` of a field."""
    return Aggregation(type=type, params={"field": of, "customLabel": label})


def percentiles(of: str, percents: tuple[int, ...], label: str) -> Aggregation:
    return Aggregation(type="percentiles", params={"field": of, "percents": list(percents), "customLabel": label})


def terms(of: str, label: str, size: int = 10) -> Aggregation:
    """The most frequent values; the panel's first metric, whose id is 1, orders them."""
    return Aggregation(
        type="terms",
        params={
            "field": of,
            "orderBy": "1",
            "order": "desc",
            "size": size,
            "otherBucket": False,
            "missingBucket": False,
            "customLabel": label,
        },
    )


def over_time(of: str, label: str) -> Aggregation:
    """Buckets of time whose length Kibana chooses by the span that is shown."""
    return Aggregation(
        type="date_histogram",
        params={
            "field": of,
            "interval": "auto",
            "useNormalizedEsInterval": True,
            "drop_partials": False,
            "min_doc_count": 1,
            "extended_bounds": {},
            "customLabel": label,
        },
    )


def filters(by_label: Mapping[str, str]) -> Aggregation:
    """A bucket for each query, in Lucene's language."""
    wanted = [{"input": lucene(query), "label": label} for label, query in by_label.items()]
    return Aggregation(type="filters", params={"filters": wanted})


def lucene(query: str) -> dict[str, str]:
    """Lucene's language goes to Elasticsearch as it is, so that tests can send the very same query."""
    return {"query": query, "language": "lucene"}
