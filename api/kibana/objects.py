"""Saved objects in the form that Kibana imports: one JSON object a line.

The forms are the older, documented ones (`visualization` with a `visState`, `search`, `dashboard` with panels by
reference), and each names a version that every Kibana from 8.9 on knows and brings up to its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.kibana.aggregations import Aggregation, lucene
from api.kibana.charts import Chart

CORE_VERSION = "8.8.0"
VERSIONS = {"index-pattern": "7.11.0", "visualization": "8.0.0", "search": "7.9.3", "dashboard": "8.9.0"}
SOURCE_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"

SavedObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataView:
    """Which index is looked at, and which of its times the time picker goes by."""

    id: str
    name: str
    index: str
    time_field: str

    def saved(self) -> SavedObject:
        attributes = {"title": self.index, "name": self.name, "timeFieldName": self.time_field}
        return _saved("index-pattern", self.id, attributes, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Visualization:
    """A chart of aggregations over what a query finds."""

    id: str
    title: str
    view: DataView
    chart: Chart
    metrics: Sequence[Aggregation]
    buckets: Sequence[Aggregation] = ()
    query: str = ""
    type = "visualization"

    def saved(self) -> SavedObject:
        attributes = {
            "title": self.title,
            "description": "",
            "visState": _text(self.chart.vis_state(self.title, self.metrics, self.buckets)),
            "uiStateJSON": "{}",
            "version": 1,
            "kibanaSavedObjectMeta": {"searchSourceJSON": _source(self.query)},
        }
        return _saved(self.type, self.id, attributes, [_reference(self.view)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Documents one by one, the latest first."""

    id: str
    title: str
    view: DataView
    columns: Sequence[str]
    query: str = ""
    type = "search"

    def saved(self) -> SavedObject:
        attributes = {
            "title": self.title,
            "description": "",
            "hits": 0,
            "columns": list(self.columns),
            "sort": [[self.view.time_field, "desc"]],
            "version": 1,
            "kibanaSavedObjectMeta": {"searchSourceJSON": _source(self.query)},
        }
        return _saved(self.type, self.id, attributes, [_reference(self.view)])


@dataclass(frozen=True, slots=True)
class Charts:
    """Makes the charts of one dashboard over one data view."""

    prefix: str  #: of their ids
    view: DataView

    def chart(
        self,
        name: str,
        title: str,
        chart: Chart,
        metrics: Sequence[Aggregation],
        buckets: Sequence[Aggregation] = (),
        *,
        query: str = "",
    ) -> Visualization:
        return Visualization(
            id=f"{self.prefix}-{name}",
            title=title,
            view=self.view,
            chart=chart,
            metrics=metrics,
            buckets=buckets,
            query=query,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel and the room it takes, in units of a grid 48 wide."""

    panel: Visualization | Listing
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    id: str
    title: str
    description: str
    since: str  #: what the time picker is set to, such as "now-30d"
    rows: Sequence[Sequence[Placed]]

    def saved(self) -> SavedObject:
        panels, references = self._panels()
        attributes = {
            "title": self.title,
            "description": self.description,
            "panelsJSON": _text(panels),
            "optionsJSON": _text({"useMargins": True, "syncColors": False, "hidePanelTitles": False}),
            "timeRestore": True,
            "timeFrom": self.since,
            "timeTo": "now",
            "refreshInterval": {"pause": True, "value": 60000},
            "version": 1,
            "kibanaSavedObjectMeta": {
                "searchSourceJSON": _text({"query": {"query": "", "language": "kuery"}, "filter": []})
            },
        }
        return _saved("dashboard", self.id, attributes, references)

    def _panels(self) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        panels: list[dict[str, Any]] = []
        references: list[dict[str, str]] = []
        y = 0
        for row in self.rows:
            x = 0
            for placed in row:
                n = str(len(panels) + 1)
                panels.append(
                    {
                        "version": VERSIONS["dashboard"],
                        "type": placed.panel.type,
                        "gridData": {"x": x, "y": y, "w": placed.width, "h": placed.height, "i": n},
                        "panelIndex": n,
                        "embeddableConfig": {"enhancements": {}},
                        "panelRefName": f"panel_{n}",
                    }
                )
                references.append({"name": f"{n}:panel_{n}", "type": placed.panel.type, "id": placed.panel.id})
                x += placed.width
            y += max(placed.height for placed in row)
        return panels, references


def lines(dashboards: Sequence[Dashboard]) -> str:
    """The dashboards and all that they show, as NDJSON: what is referred to comes before what refers to it."""
    panels = [placed.panel for dashboard in dashboards for row in dashboard.rows for placed in row]
    views = {panel.view.id: panel.view for panel in panels}
    saved = [thing.saved() for thing in (*views.values(), *panels, *dashboards)]
    return "".join(_text(thing) + "\n" for thing in saved)


def _saved(type: str, id: str, attributes: dict[str, Any], references: list[dict[str, str]]) -> SavedObject:
    return {
        "type": type,
        "id": id,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": VERSIONS[type],
    }


def _source(query: str) -> str:
    return _text({"query": lucene(query), "filter": [], "indexRefName": SOURCE_REFERENCE})


def _reference(view: DataView) -> dict[str, str]:
    return {"name": SOURCE_REFERENCE, "type": "index-pattern", "id": view.id}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
