"""api/kibana/copydesk.ndjson against the index mappings and a real Elasticsearch node.

Kibana does not run here: that Kibana accepts the objects is only checked against its documented format.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.kibana.client import saved_objects
from tests.support.kibana_queries import ACCEPTED_TYPES, METRICS, SavedObjects, buckets, metrics, search_request
from tests.support.pages.corpus import CORPUS
from tests.support.paths import PROJECT
from worker import urls
from worker.config.settings import Settings
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome
from worker.storage.elasticsearch.client import Client, connect
from worker.wiring import set_up_stores

FILE = (PROJECT / "api" / "kibana" / "copydesk.ndjson").read_text("utf-8")
SAVED = SavedObjects(FILE)
MAPPINGS_FOLDER = PROJECT / "worker" / "storage" / "elasticsearch" / "mappings"
MAPPINGS = {
    "copydesk-articles-read": MAPPINGS_FOLDER / "articles.json",
    "copydesk-ledger": MAPPINGS_FOLDER / "ledger.json",
}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_export_prints_the_file() -> None:
    result = CliRunner().invoke(app, ["kibana", "export"])
    assert result.exit_code == 0
    assert result.stdout == FILE


def test_export_writes_a_file_and_reports_an_unwritable_one(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["kibana", "export", "--file", str(tmp_path / "a.ndjson")]).exit_code == 0
    assert (tmp_path / "a.ndjson").read_text("utf-8") == FILE
    result = CliRunner().invoke(app, ["kibana", "export", "--file", str(tmp_path / "no" / "a.ndjson")])
    assert "Cannot write" in str(result.exception)


def test_another_prefix_replaces_every_id_and_index_name() -> None:
    renamed = SavedObjects(saved_objects("other"))
    assert all(o["id"].startswith("other-") for o in renamed.objects)
    assert {renamed.index_of(panel) for panel in renamed.panels} == {"other-articles-read", "other-ledger"}
    assert all(r["id"].startswith("other-") for o in renamed.objects for r in o["references"])


def _properties(index: str) -> dict[str, Any]:
    return dict(json.loads(MAPPINGS[index].read_text("utf-8"))["mappings"]["properties"])


def test_every_field_is_mapped_with_a_type_that_its_use_accepts() -> None:
    uses = list(SAVED.field_uses())
    assert len(uses) > 60
    for use in uses:
        properties = _properties(use.index)
        assert use.field in properties, use
        mapped = properties[use.field]
        assert mapped.get("index", True), f"{use} is not indexed"
        if use.purpose in ("sort", "time"):
            assert mapped["type"] in ACCEPTED_TYPES["date_histogram"], use
        elif use.purpose not in ("query", "column"):
            assert mapped["type"] in ACCEPTED_TYPES[use.purpose], use


def test_the_field_check_detects_unknown_and_misused_fields() -> None:
    broken = FILE.replace("photo_agency", "photo_agencies")
    broken = broken.replace('\\"field\\":\\"word_count', '\\"field\\":\\"headline')
    uses = list(SavedObjects(broken).field_uses())
    assert {u.field for u in uses if u.field not in _properties(u.index)} == {"photo_agencies"}
    assert any(u.field == "headline" and u.purpose == "avg" for u in uses)
    assert "text" not in ACCEPTED_TYPES["avg"]


def test_ids_are_unique_and_references_point_to_earlier_objects() -> None:
    seen: set[tuple[str, str]] = set()
    for saved_object in SAVED.objects:
        for reference in saved_object["references"]:
            assert (reference["type"], reference["id"]) in seen, f"{saved_object['id']} -> {reference}"
        key = (saved_object["type"], saved_object["id"])
        assert key not in seen
        seen.add(key)


def test_every_panel_is_on_one_dashboard_and_none_overlap() -> None:
    shown: Counter[str] = Counter()
    for dashboard in SAVED.of_type("dashboard"):
        references = {r["name"]: r for r in dashboard["references"]}
        cells: Counter[tuple[int, int]] = Counter()
        for panel in json.loads(dashboard["attributes"]["panelsJSON"]):
            reference = references[f"{panel['panelIndex']}:{panel['panelRefName']}"]
            assert reference["type"] == panel["type"]
            shown[reference["id"]] += 1
            grid = panel["gridData"]
            assert grid["x"] + grid["w"] <= 48
            columns, rows = range(grid["x"], grid["x"] + grid["w"]), range(grid["y"], grid["y"] + grid["h"])
            cells.update((x, y) for x in columns for y in rows)
        assert max(cells.values()) == 1
    assert shown == Counter({panel["id"]: 1 for panel in SAVED.panels})


def test_dashboards_use_the_fields_that_docs_kibana_promises() -> None:
    by_dashboard = {
        (panel["id"].split("-")[1], use.field)
        for panel in SAVED.panels
        for use in SavedObjects(_with_data_views(panel)).field_uses()
        if use.purpose != "time"
    }
    newsroom = {field for dashboard, field in by_dashboard if dashboard == "newsroom"}
    operations = {field for dashboard, field in by_dashboard if dashboard == "operations"}
    assert newsroom >= {"publisher", "article_section", "author", "photographer", "photo_agency", "agency", "dateline",
                        "language", "caption_text", "date_published"}  # fmt: skip
    assert operations >= {"state", "outcome", "host", "reason", "lag_s", "queued_at", "http_status", "word_count"}


def _with_data_views(panel: dict[str, Any]) -> str:
    return "".join(json.dumps(o) + "\n" for o in (*SAVED.of_type("index-pattern"), panel))


def test_chart_series_refer_to_metrics_and_axes_of_the_chart() -> None:
    for panel in SAVED.of_type("visualization"):
        state = json.loads(panel["attributes"]["visState"])
        assert [a["id"] for a in state["aggs"]] == [str(n + 1) for n in range(len(state["aggs"]))]
        for series in state["params"].get("seriesParams", ()):
            metric = next(a for a in state["aggs"] if a["id"] == series["data"]["id"])
            assert metric["type"] in METRICS
            assert series["valueAxis"] in {axis["id"] for axis in state["params"]["valueAxes"]}


@pytest.fixture(scope="module")
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, SavedObjects]]:
    """Yield a node with the corpus and a ledger that has queued, indexed, rejected and failed rows."""
    node = request.getfixturevalue("elasticsearch")
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path_factory.mktemp("kibana"),
            "index_url": node.url,
            "index_prefix": f"kb{uuid.uuid4().hex[:12]}",
        }
    )
    _fill(settings)
    with closing(connect(settings)) as client:
        yield client, SavedObjects(saved_objects(settings.index_prefix))
        names = list(client.indices.get(index=f"{settings.index_prefix}*", expand_wildcards="all"))
        client.indices.delete(index=",".join(names))


def _fill(settings: Settings) -> None:
    stores = set_up_stores(settings)
    ledger, index = stores.ledger, stores.index
    undated = replace(CORPUS[0], id="undated", article=replace(CORPUS[0].article, date_published=None))
    index.write([*CORPUS, undated])
    targets = [urls.target(f"https://news{n % 3}.example/{n}", source="feeds") for n in range(24)]
    ledger.admit(targets, NOW)
    results = [
        (Outcome.INDEXED, Reason.ARTICLE, 200),
        (Outcome.FAILED, Reason.http(503), 503),
        (Outcome.FAILED, Reason.TIMEOUT, None),
        (Outcome.REJECTED, Reason.SECTION_PAGE, 200),
        (Outcome.REJECTED, Reason.NO_TEXT, 200),
    ]
    ledger.finish(
        [
            CrawlResult(id=target.id, crawl=1, outcome=outcome, reason=reason, detail="a detail", http_status=status,
                        finished_at=NOW + timedelta(seconds=7 + n))
            for n, target in enumerate(targets[:20])
            for outcome, reason, status in [results[n % len(results)]]
        ]
    )  # fmt: skip
    ledger.refresh()
    index.refresh()


@pytest.mark.service
@pytest.mark.parametrize("n", range(len(SAVED.panels)), ids=[p["id"] for p in SAVED.panels])
def test_query_of_each_panel_finds_documents(filled: tuple[Client, SavedObjects], n: int) -> None:
    client, saved = filled
    panel = saved.panels[n]
    response = client.search(index=saved.index_of(panel), **search_request(panel)).body
    assert response["hits"]["total"]["value"] > 0
    if panel["type"] == "search":
        fields = {name for hit in response["hits"]["hits"] for name in hit["_source"]}
        assert set(panel["attributes"]["columns"]) <= fields
        return
    for type, found in buckets(panel, response):
        assert any(bucket["doc_count"] for bucket in found), f"{type} without buckets"
    for type, value in metrics(panel, response):
        values = value.values() if isinstance(value, dict) else [value]
        assert all(v is not None for v in values), type
