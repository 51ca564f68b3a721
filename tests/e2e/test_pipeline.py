"""The main job, end to end, through real processes: URLs in, searchable articles out."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import requests
from celery import Celery

from sample import expected
from sample.expected import ExpectedPage
from sample.site import Site
from tests.e2e.conftest import Stack
from worker.model.records import Kind

Sites = Mapping[str, Site]

pytestmark = pytest.mark.timeout(400)  # a busy machine starts the processes and commands slowly


def _pages() -> list[ExpectedPage]:
    return [page for page in expected.pages() if page.site]


def _outcome(page: ExpectedPage) -> tuple[str, str]:
    if page.disallowed:
        return "rejected", "robots"
    if page.location or page.canonical:
        return "duplicate", "redirect" if page.location else "canonical"
    if page.status != 200:
        return "failed", f"http-{page.status}"
    assert page.kind
    return ("indexed", page.kind) if Kind(page.kind).is_article else ("rejected", f"{page.kind}-page")


def test_every_page_of_the_sample_finishes_with_the_expected_outcome(stack: Stack, sites: Sites) -> None:
    pages = {sites[page.site].origin + page.path: page for page in _pages()}
    answers = stack.json("add", *pages, "--wait")
    assert [a["verdict"] in ("created", "known") for a in answers] == [True] * len(pages)

    rows = {url: stack.context.ledger.get([a["id"]])[0] for url, a in zip(pages, answers, strict=True)}
    found = {url: (str(row.outcome), row.reason) for url, row in rows.items() if row}
    assert found == {url: _outcome(page) for url, page in pages.items()}

    stories = [page for page in pages.values() if page.is_article and not page.canonical and not page.disallowed]
    assert stack.json("audit")["documents"] == len(stories)

    again = stack.json("add", *pages, "--wait")
    assert {a["verdict"] for a in again} == {"known"}
    assert sum(
        site.requests[page.path] for site in sites.values() for page in stories if page.site == site.name
    ) == len(stories)

    _check_searches(stack)
    _check_show(stack, sites)
    _check_status(stack)
    _check_failures(stack, sites)
    _check_http(stack, sites)


def _check_searches(stack: Stack) -> None:
    wire = stack.json("search", '"deposits pass one million"', "--facet", "publisher", "--facet", "photographer")
    assert wire["total"] == 2, "a wire story that two publishers carry is two articles"
    assert {b["value"]: b["count"] for b in wire["facets"]["publisher"]} == {"The Harbour Post": 1, "The Meridian": 1}
    assert {"Henrik Solbakken"} == {b["value"] for b in wire["facets"]["photographer"]}

    captions = stack.json("search", "ultrasound probe", "--filter", "dateline=HARROWGATE")
    assert captions["total"] == 1
    assert any("\x02" in f for fragments in captions["hits"][0]["highlights"].values() for f in fragments)

    assert stack.json("search", "bridge", "--until", "2026-03-01")["total"] == 0
    assert stack.run("search", "bridge", "--filter", "nonsense=1", check=False).returncode == 2


def _check_show(stack: Stack, sites: Sites) -> None:
    old = sites["harbour-post"].origin + "/old/dredgers-return"
    shown = stack.json("show", old)
    assert shown["row"]["outcome"] == "duplicate"
    assert shown["article"]["headline"].startswith("Dredgers return")
    text = stack.run("show", shown["article"]["id"]).stdout
    assert "Owen Pashley/The Harbour Post" in text
    assert stack.run("show", "https://example.org/never", check=False).returncode == 2


def _check_status(stack: Stack) -> None:
    status = stack.json("status")
    assert status["status"]["ledger"]["queued"] == 0
    assert status["status"]["frontier"]["waiting"] == 0
    assert status["status"]["spool"]["waiting"] == 0
    assert stack.run("doctor").returncode == 0


def _check_failures(stack: Stack, sites: Sites) -> None:
    missing = sites["harbour-post"].origin + "/news/2026/02/26/tide-tables/"
    assert [row["url"] for row in stack.json("failures", "list")] == [missing]
    before = sites["harbour-post"].requests["/news/2026/02/26/tide-tables/"]
    stack.run("failures", "retry", missing)
    stack.json("add", missing, "--wait")
    assert sites["harbour-post"].requests["/news/2026/02/26/tide-tables/"] == before + 1
    stack.run("failures", "drop", "--reason", "http-404")
    assert stack.json("failures", "list") == []


def _check_http(stack: Stack, sites: Sites) -> None:
    url = sites["harbour-post"].origin + "/news/2026/03/03/swing-bridge-inspection/"
    spelt_otherwise = url.replace("http://", "HTTP://") + "?utm_source=feed#comments"
    (added,) = requests.post(stack.url("/v1/urls"), json={"urls": [spelt_otherwise]}, timeout=10).json()
    assert added["verdict"] == "known"
    assert requests.get(stack.url(f"/v1/urls/{added['id']}"), timeout=10).json()["outcome"] == "indexed"
    article = requests.get(stack.url(f"/v1/articles/{added['id']}"), timeout=10).json()
    assert article["photographer"] == ["Dana Whitlock"]
    found = requests.get(stack.url("/v1/search"), params={"q": "pivot", "facet": "kind"}, timeout=10).json()
    assert found["hits"][0]["article"]["url"] == url
    assert "<em>" in str(found["hits"][0]["highlights"])
    assert requests.get(stack.url("/v1/articles/" + "0" * 32), timeout=10).status_code == 404
    assert requests.get(stack.url("/v1/search"), params={"filter": "x"}, timeout=10).status_code == 422
    assert requests.get(stack.url("/healthz"), headers={"Host": "evil.example"}, timeout=10).status_code == 400
    paths = requests.get(stack.url("/openapi.json"), timeout=10).json()["paths"]
    assert {"/v1/urls", "/v1/urls/{id}", "/v1/articles/{id}", "/v1/search", "/healthz", "/readyz"} <= set(paths)


def test_any_celery_producer_can_queue(stack: Stack, sites: Sites) -> None:
    url = sites["lantern"].origin + "/city/night-tram.html"
    broker = stack.settings.get("COPYDESK_REDIS_URL", f"redis+socket://{stack.folder / 'broker.sock'}")
    with Celery(broker=broker, backend=broker) as app:
        answer = app.send_task("copydesk.add", args=[[url, "not a url"]], queue="add").get(timeout=60)
    assert [a["verdict"] for a in answer] == ["created", "refused"]
    assert "http" in answer[1]["problem"]
    (finished,) = stack.json("add", url, "--wait")
    assert finished["outcome"] == "indexed"
