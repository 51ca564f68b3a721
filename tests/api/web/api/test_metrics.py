"""/metrics after real work, on both backends, and the Grafana dashboard against what it exports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.web.app import create_app
from tasks.app import app
from tests.support.both_stores import File, clock, context, file, on_sqlite, silent_broker
from tests.support.paths import PROJECT
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Outcome
from worker.queues.frontier import Frontier
from worker.queues.spool import Spool
from worker.services.context import AppContext
from worker.services.intake.submit import add
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect
from worker.telemetry import BOUNDS

__all__ = ["clock", "context", "file"]

DASHBOARD = json.loads((PROJECT / "config" / "grafana" / "copydesk.json").read_text("utf-8"))
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(context: AppContext) -> Samples:
    client = TestClient(create_app(context), base_url="http://localhost")
    client.get("/v1/articles/" + "0" * 32)
    client.get("/v1/articles/articles")
    client.head("/healthz")
    client.request("BREW", "/healthz")
    client.get("/nowhere/to/be/found")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.fixture
def worked(context: AppContext, file: File) -> AppContext:
    """Three articles, a failure, a page that waits to be read, a URL that waits to be fetched."""
    for n in range(3):
        file(f"https://news.example/{n}", f"News {n}")
    (failed, _) = add(context, ["https://slow.example/1", "https://news.example/later"])
    assert failed.row
    end = CrawlResult(
        id=failed.row.id, crawl=1, outcome=Outcome.FAILED, reason=Reason.TIMEOUT, finished_at=context.now()
    )
    context.ledger.finish([end])
    context.ledger.refresh()
    context.index.refresh()
    for queue in app.amqp.queues:
        context.redis.set(context.keys.alive(queue), context.now().timestamp() - 3)
    context.telemetry.observe({"fetch": [0.2, 0.3]})
    return context


def test_metrics_describe_the_state(worked: AppContext) -> None:
    found = scrape(worked)
    assert found[key("copydesk_up", part="index")] == found[key("copydesk_up", part="broker")] == 1
    assert found[key("copydesk_ledger_rows", state="queued")] == 1
    assert found[key("copydesk_ledger_rows", state="finished")] == 4
    assert found[key("copydesk_ledger_outcomes", outcome="indexed")] == 3
    assert found[key("copydesk_ledger_reasons", outcome="failed", reason="timeout")] == 1
    assert found[key("copydesk_failed_urls", host="https://slow.example", reason="timeout")] == 1
    assert found[key("copydesk_documents")] == 3
    assert found[key("copydesk_oldest_queued_seconds")] > 0
    assert found[key("copydesk_frontier_urls", state="waiting")] >= 1
    assert found[key("copydesk_spool_pages", state="waiting")] == 0
    assert 3 <= found[key("copydesk_silent_seconds", queue="fetch")] < 30
    assert found[key("copydesk_articles_indexed_total")] == found[key("copydesk_urls_finished_total")] == 3


def test_metrics_describe_durations(worked: AppContext) -> None:
    found = scrape(worked)
    assert found[key("copydesk_stage_seconds_count", stage="read")] == 3
    assert found[key("copydesk_stage_seconds_count", stage="crawl")] == 3
    assert found[key("copydesk_stage_seconds_bucket", stage="fetch", le="0.1")] == 0
    assert found[key("copydesk_stage_seconds_bucket", stage="fetch", le="0.25")] == 1
    assert found[key("copydesk_stage_seconds_bucket", stage="fetch", le="+Inf")] == 2
    assert found[key("copydesk_stage_seconds_sum", stage="fetch")] == pytest.approx(0.5)


@on_sqlite
def test_request_labels_have_the_route_and_nothing_that_a_client_chooses(worked: AppContext) -> None:
    labels = [dict(labels) for name, labels in scrape(worked) if name == "copydesk_http_request_seconds_count"]
    assert {"method": "GET", "route": "/v1/articles/{id}", "status": "404"} in labels
    assert {"method": "GET", "route": "none", "status": "404"} in labels
    assert {label["route"] for label in labels} == {"/v1/articles/{id}", "/healthz", "none"}
    assert {"method": "HEAD", "route": "/healthz", "status": "200"} in labels
    assert {label["method"] for label in labels} == {"GET", "HEAD", "other"}


@on_sqlite
def test_unavailable_part_is_reported_and_the_others_stay(worked: AppContext) -> None:
    away = silent_broker()
    half = replace(worked, redis=away, frontier=Frontier(away, worked.settings), spool=Spool(away, worked.settings))
    found = scrape(half)
    assert (found[key("copydesk_up", part="broker")], found[key("copydesk_up", part="index")]) == (0, 1)
    assert found[key("copydesk_documents")] == 3
    assert key("copydesk_spool_bytes") not in found


@pytest.mark.parametrize("context", ["elastic"], indirect=True)
def test_index_without_its_alias_is_reported(context: AppContext, caplog: pytest.LogCaptureFixture) -> None:
    """An unfinished restore leaves this state. The client gets 503, and the log advises the operator."""
    settings = context.settings.model_copy(update={"index_prefix": f"{context.settings.index_prefix}-other"})
    half = replace(context, index=ElasticIndex(connect(settings), settings))
    client = TestClient(create_app(half), base_url="http://localhost")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["index"]) == (503, "does not answer")
    assert "run: copydesk index setup" in caplog.text
    assert "copydesk_up" in client.get("/metrics").text


@on_sqlite
def test_article_removed_while_it_is_read_is_not_counted(
    context: AppContext, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    file("https://news.example/1", "News 1")
    finish = context.ledger.finish

    def too_late(results: Sequence[CrawlResult]) -> list[bool]:
        context.ledger.tombstone([s.id for s in results], context.now(), reason=Reason.REMOVED, detail="")
        return finish(results)

    monkeypatch.setattr(context.ledger, "finish", too_late)
    file("https://news.example/2", "News 2")
    assert context.telemetry.totals() == {"fetched": 0, "finished": 1, "indexed": 1}


@on_sqlite
def test_a_timing_falls_into_the_bucket_that_holds_it(context: AppContext) -> None:
    context.telemetry.observe({"read": [0.005, 0.0051, 1e9], "fetch": []})
    counted = context.telemetry.timings()["read"].counts
    assert (counted[0], counted[1], counted[-1], sum(counted)) == (1, 1, 1, 3)
    assert len(counted) == len(BOUNDS)


def _expressions(panel: dict[str, Any]) -> Iterator[str]:
    yield from (target["expr"] for target in panel.get("targets", ()))


def _named(text: str) -> set[str]:
    return set(re.findall(r"\bcopydesk_[a-z_]+", text))


@on_sqlite
def test_the_dashboard_uses_only_exported_metrics(worked: AppContext) -> None:
    found = scrape(worked)
    exported: dict[str, set[str]] = {}
    for name, labels in found:
        exported.setdefault(name, set()).update(label for label, _ in labels)
    asked = 0
    for panel in DASHBOARD["panels"]:
        for expression in _expressions(panel):
            for metric in _named(expression):
                asked += 1
                assert metric in exported, f"{panel['title']}: {metric} is not exported"
            (labels,) = re.findall(r"by \(([a-z, ]+)\)", expression) or [""]
            wanted = {label for label in labels.split(", ") if label} | set(re.findall(r"[{,]([a-z]+)=", expression))
            wanted |= set(re.findall(r"\{\{([a-z]+)\}\}", str([t["legendFormat"] for t in panel["targets"]])))
            known = {label for e in _expressions(panel) for metric in _named(e) for label in exported[metric]}
            assert wanted <= known, f"{panel['title']}: {wanted - known}"
    assert asked > 20


@on_sqlite
def test_every_metric_is_on_the_dashboard_and_documented(worked: AppContext) -> None:
    families = {re.sub(r"_(bucket|sum|count|total|created)$", "", name) for name, _ in scrape(worked)}
    shown = {
        re.sub(r"_(bucket|sum|count|total)$", "", metric)
        for panel in DASHBOARD["panels"]
        for expression in _expressions(panel)
        for metric in _named(expression)
    }
    assert families - shown == {"copydesk_info"}
    documented = _named((PROJECT / "docs" / "operating.md").read_text("utf-8"))
    assert families <= {re.sub(r"_total$", "", name) for name in documented}


def test_panels_do_not_overlap() -> None:
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for grid in [panel["gridPos"]]
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
