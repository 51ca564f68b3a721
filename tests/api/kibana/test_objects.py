"""config/kibana/copydesk.ndjson against the mapping and against a real node. Kibana itself is not among the servers
that run here, so that it takes the objects is held against its documented form alone."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.cli.commands.kibana import saved_objects
from tests.support.corpus import CORPUS
from tests.support.kibana_queries import FITTING, METRICS, Saved, buckets, metrics, request
from tests.support.paths import PROJECT
from worker import urls
from worker.config.settings import Settings
from worker.model.records import CrawlResult, Outcome
from worker.storage.elasticsearch.client import Client, connect
from worker.wiring import open_stores

FILE = (PROJECT / "api" / "kibana" / "copydesk.ndjson").read_text("utf-8")
SAVED = Saved(FILE)
PANELS = [*SAVED.of_type("visualization"), *SAVED.of_type("search")]
MAPPINGS = {
    "copydesk-articles-read": PROJECT / "worker" / "storage" / "elasticsearch" / "mappings" / "articles.json",
    "copydesk-ledger": PROJECT / "worker" / "storage" / "elasticsearch" / "mappings" / "ledger.json",
}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_file_is_what_export_prints() -> None:
    assert saved_objects(Settings()) == FILE
    done = CliRunner().invoke(app, ["kibana", "export"])
    assert done.exit_code == 0
    assert done.stdout == FILE


def test_export_writes_a_file_and_says_why_it_cannot(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["kibana", "export", "--file", str(tmp_path / "a.ndjson")]).exit_code == 0
    assert (tmp_path / "a.ndjson").read_text("utf-8") == FILE
    done = CliRunner().invoke(app, ["kibana", "export", "--file", str(tmp_path / "no" / "a.ndjson")])
    assert "cannot write" in str(done.exception)


def _properties(index: str) -> dict[str, Any]:
    return dict(json.loads(MAPPINGS[index].read_text("utf-8"))["mappings"]["properties"])


def test_every_field_exists_in_the_mapping_and_fits_what_is_done_with_it() -> None:
    uses = list(SAVED.uses())
    assert len(uses) > 60
    for use in uses:
        properties = _properties(use.index)
        assert use.field in properties, use
        mapped = properties[use.field]
        assert mapped.get("index", True), f"{use} is not indexed"
        if use.way in ("sort", "time"):
            assert mapped["type"] in FITTING["date_histogram"], use
        elif use.way not in ("query", "column"):
            assert mapped["type"] in FITTING[use.way], use


def test_the_check_of_fields_can_fail() -> None:
    broken = FILE.replace("photo_agency", "photo_agencies").replace(
        '\\"field\\":\\"word_count', '\\"field\\":\\"headline'
    )
    unknown = [u for u in Saved(broken).uses() if u.field not in _properties(u.index)]
    assert {u.field for u in unknown} == {"photo_agencies"}
    misused = [u for u in Saved(broken).uses() if u.field == "headline" and u.way == "avg"]
    assert misused and "text" not in FITTING["avg"]


def test_ids_are_unique_and_every_reference_leads_to_what_stands_before_it() -> None:
    seen: set[tuple[str, str]] = set()
    for found in SAVED.objects:
        for reference in found["references"]:
            assert (reference["type"], reference["id"]) in seen, f"{found['id']} -> {reference}"
        key = (found["type"], found["id"])
        assert key not in seen
        seen.add(key)


def test_every_panel_stands_on_a_dashboard_and_none_overlaps() -> None:
    shown: Counter[str] = Counter()
    for dashboard in SAVED.of_type("dashboard"):
        panels = json.loads(dashboard["attributes"]["panelsJSON"])
        named = {r["name"]: r for r in dashboard["references"]}
        cells: Counter[tuple[int, int]] = Counter()
        for panel in panels:
            reference = named[f"{panel['panelIndex']}:{panel['panelRefName']}"]
            assert reference["type"] == panel["type"]
            shown[reference["id"]] += 1
            grid = panel["gridData"]
            assert grid["x"] + grid["w"] <= 48
            columns, rows = range(grid["x"], grid["x"] + grid["w"]), range(grid["y"], grid["y"] + grid["h"])
            cells.update((x, y) for x in columns for y in rows)
        assert max(cells.values()) == 1
    assert shown == Counter({panel["id"]: 1 for panel in PANELS})


def test_the_dashboards_show_what_they_promise() -> None:
    """The newsroom's and the operations' questions, each by the field that answers it."""
    by_panel = {(p["id"].split("-")[1], u.field) for p in PANELS for u in Saved(_alone(p)).uses() if u.way != "time"}
    newsroom = {field for board, field in by_panel if board == "newsroom"}
    operations = {field for board, field in by_panel if board == "operations"}
    assert newsroom >= {"publisher", "article_section", "author", "photographer", "photo_agency", "agency", "dateline",
                        "language", "caption_text", "date_published"}  # fmt: skip
    assert operations >= {"state", "outcome", "host", "reason", "lag_s", "queued_at", "http_status", "word_count"}


def _alone(panel: dict[str, Any]) -> str:
    return "".join(json.dumps(o) + "\n" for o in (*SAVED.of_type("index-pattern"), panel))


def test_series_and_axes_of_charts_fit_together() -> None:
    for panel in SAVED.of_type("visualization"):
        state = json.loads(panel["attributes"]["visState"])
        assert [a["id"] for a in state["aggs"]] == [str(n + 1) for n in range(len(state["aggs"]))]
        for series in state["params"].get("seriesParams", ()):
            measured = next(a for a in state["aggs"] if a["id"] == series["data"]["id"])
            assert measured["type"] in METRICS
            assert series["valueAxis"] in {axis["id"] for axis in state["params"]["valueAxes"]}


@pytest.fixture(scope="module")
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Saved]]:
    """A node with the corpus and a ledger in which something waits, was indexed, rejected and has failed."""
    node = request.getfixturevalue("elasticsearch")
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path_factory.mktemp("kibana"),
            "index_url": node.url,
            "index_prefix": f"kb{uuid.uuid4().hex[:12]}",
        }
    )
    stores = open_stores(settings)
    ledger, index = stores.ledger, stores.index
    undated = replace(CORPUS[0], id="undated", article=replace(CORPUS[0].article, date_published=None))
    index.write([*CORPUS, undated])
    targets = [urls.target(f"https://news{n % 3}.example/{n}", source="feeds") for n in range(24)]
    ledger.admit(targets, NOW)
    ends = [
        (Outcome.INDEXED, "article", 200),
        (Outcome.FAILED, "http-503", 503),
        (Outcome.FAILED, "timeout", None),
        (Outcome.REJECTED, "section-page", 200),
        (Outcome.REJECTED, "no-text", 200),
    ]
    ledger.finish(
        [
            CrawlResult(id=target.id, crawl=1, outcome=outcome, reason=reason, detail="so it was", http_status=status,
                       finished_at=NOW + timedelta(seconds=7 + n))
            for n, target in enumerate(targets[:20])
            for outcome, reason, status in [ends[n % len(ends)]]
        ]
    )  # fmt: skip
    ledger.refresh()
    index.refresh()
    with connect(settings) as client:
        yield client, Saved(saved_objects(settings))
        names = list(client.indices.get(index=f"{settings.index_prefix}*", expand_wildcards="all"))
        client.indices.delete(index=",".join(names))


@pytest.mark.parametrize("n", range(len(PANELS)), ids=[p["id"] for p in PANELS])
def test_each_panel_finds_something(filled: tuple[Client, Saved], n: int) -> None:
    client, saved = filled
    panel = [*saved.of_type("visualization"), *saved.of_type("search")][n]
    answer = client.search(index=saved.index_of(panel), **request(panel)).body
    assert answer["hits"]["total"]["value"] > 0
    if panel["type"] == "search":
        assert set(panel["attributes"]["columns"]) <= {
            name for hit in answer["hits"]["hits"] for name in hit["_source"]
        }
        return
    for type, found in buckets(panel, answer):
        assert any(bucket["doc_count"] for bucket in found), f"{type} without buckets"
    for type, value in metrics(panel, answer):
        values = value.values() if isinstance(value, dict) else [value]
        assert all(v is not None for v in values), type
