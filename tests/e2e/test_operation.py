"""Metrics, backup, takedown and retention on one running stack, by commands and HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests
from celery import Celery
from prometheus_client.parser import text_string_to_metric_families

from sample import expected
from sample.site import Site
from tests.e2e.conftest import Stack, sites
from worker.config.loading import load

__all__ = ["sites"]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    folder = tmp_path / "data of 100%"  # Celery must not interpolate the path
    folder.mkdir()
    started = Stack({"COPYDESK_RETENTION_MAX_ARTICLES": "2"}, folder)
    started.start()
    yield started
    started.stop()


def test_metrics_backup_takedown_and_retention(stack: Stack, sites: Mapping[str, Site], tmp_path: Path) -> None:
    articles = [page for page in expected.articles() if not (page.canonical or page.disallowed or page.location)]
    urls = [sites[page.site].origin + page.path for page in articles if page.status == 200][:6]
    answers = stack.json("add", *urls, "--wait")
    assert {a["outcome"] for a in answers} == {"indexed"}, answers

    found = _metrics(stack)
    assert found["copydesk_up", "index"] == found["copydesk_up", "broker"] == 1
    assert found["copydesk_documents", ""] == found["copydesk_articles_indexed_total", ""] == len(urls)
    for stage in ("fetch", "read", "crawl"):
        assert found["copydesk_stage_seconds_count", stage] >= len(urls)
    assert {queue for name, queue in found if name == "copydesk_silent_seconds"} >= {"digest", "fetch"}

    stack.run("backup", str(tmp_path / "monday.db"))
    refused = stack.run("restore", str(tmp_path / "monday.db"), check=False)
    assert (refused.returncode, "already runs in" in refused.stderr) == (2, True)

    removed = stack.json("articles", "remove", urls[0], "--block", "--reason", "a letter")
    assert removed[0]["documents"] == 1
    assert stack.run("add", urls[0], "--force", check=False).returncode == 2
    assert "a letter" in stack.run("articles", "blocked").stdout

    Celery(broker=load(stack.env).broker_url).send_task("copydesk.retain", queue="add")
    until = time.monotonic() + 30
    while stack.context.index.count() > 2 and time.monotonic() < until:
        time.sleep(0.1)
    assert stack.json("audit")["documents"] == 2
    reasons = _metrics(stack)
    assert reasons["copydesk_ledger_reasons", "rejected expired"] == len(urls) - 3
    assert reasons["copydesk_ledger_reasons", "rejected taken-down"] == 1
    assert f"embedded, {stack.folder / 'copydesk.db'}\n" in (stack.folder / "run.log").read_text("utf-8")


def _metrics(stack: Stack) -> dict[tuple[str, str], float]:
    """Return the metrics by name and label values."""
    text = requests.get(stack.url("/metrics"), timeout=10).text
    return {
        (sample.name, " ".join(v for k, v in sorted(sample.labels.items()) if k != "le")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
