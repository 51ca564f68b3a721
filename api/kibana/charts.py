"""How a panel is drawn: Kibana's chart types with their parameters, and the place of each aggregation in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.kibana.aggregations import Aggregation


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    type: str
    params: Mapping[str, Any]
    places: tuple[str, ...]  #: schemas of the buckets, outermost first; the last one serves all that follow

    def vis_state(self, title: str, metrics: Sequence[Aggregation], buckets: Sequence[Aggregation]) -> dict[str, Any]:
        """Metrics are numbered from 1, buckets go on from there."""
        placed = [(metric, "metric") for metric in metrics]
        placed += [(bucket, self.places[min(n, len(self.places) - 1)]) for n, bucket in enumerate(buckets)]
        aggs = [aggregation.numbered(n, place) for n, (aggregation, place) in enumerate(placed, start=1)]
        return {"title": title, "type": self.type, "params": dict(self.params), "aggs": aggs}


def numbers() -> Chart:
    """Large figures side by side."""
    style = {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 36}
    metric = {
        "percentageMode": False,
        "useRanges": False,
        "colorSchema": "Green to Red",
        "metricColorMode": "None",
        "colorsRange": [{"from": 0, "to": 10000}],
        "labels": {"show": True},
        "invertColors": False,
        "style": style,
    }
    return Chart(
        type="metric", params={"addTooltip": True, "addLegend": False, "type": "metric", "metric": metric}, places=()
    )


def table(rows: int = 10) -> Chart:
    params = {
        "perPage": rows,
        "showPartialRows": False,
        "showMetricsAtAllLevels": False,
        "showTotal": False,
        "totalFunc": "sum",
        "percentageCol": "",
        "autoFitRowToContent": False,
    }
    return Chart(type="table", params=params, places=("bucket",))


def ring() -> Chart:
    params = {
        "type": "pie",
        "addTooltip": True,
        "addLegend": True,
        "legendDisplay": "show",
        "legendPosition": "right",
        "isDonut": True,
        "nestedLegend": False,
        "truncateLegend": True,
        "maxLegendLines": 1,
        "distinctColors": False,
        "palette": {"type": "palette", "name": "default"},
        "labels": {
            "show": True,
            "last_level": True,
            "values": True,
            "valuesFormat": "percent",
            "percentDecimals": 0,
            "truncate": 100,
            "position": "default",
        },
    }
    return Chart(type="pie", params=params, places=("segment",))


def bars() -> Chart:
    """Horizontal bars, one a value."""
    return Chart(
        type="horizontal_bar",
        params=_axes("horizontal_bar", "left", "bottom", series="histogram"),
        places=("segment", "group"),
    )


def columns() -> Chart:
    """Columns over time, stacked by the second bucket."""
    return Chart(type="histogram", params=_axes("histogram", "bottom", "left", series="histogram"), places=_TIMED)


def lines() -> Chart:
    return Chart(type="line", params=_axes("line", "bottom", "left", series="line"), places=_TIMED)


_TIMED = ("segment", "group")


def _axes(type: str, categories: str, values: str, *, series: str) -> dict[str, Any]:
    """Both axes and one series, which Kibana wants spelled out."""
    category = {
        "id": "CategoryAxis-1",
        "type": "category",
        "position": categories,
        "show": True,
        "style": {},
        "scale": {"type": "linear"},
        "labels": {"show": True, "filter": True, "truncate": 200},
        "title": {},
    }
    value = {
        "id": "ValueAxis-1",
        "name": f"{values.capitalize()}Axis-1",
        "type": "value",
        "position": values,
        "show": True,
        "style": {},
        "scale": {"type": "linear", "mode": "normal"},
        "labels": {"show": True, "rotate": 0, "filter": True, "truncate": 100},
        "title": {"text": ""},
    }
    drawn = {
        "show": True,
        "type": series,
        "mode": "stacked" if series == "histogram" else "normal",
        "data": {"label": "", "id": "1"},
        "valueAxis": "ValueAxis-1",
        "drawLinesBetweenPoints": True,
        "interpolate": "linear",
        "lineWidth": 2,
        "showCircles": True,
    }
    return {
        "type": type,
        "grid": {"categoryLines": False},
        "categoryAxes": [category],
        "valueAxes": [value],
        "seriesParams": [drawn],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "labels": {},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }
