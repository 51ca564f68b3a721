"""Searches over HTTP: hits, pages and fields."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from api.presentation.query_input import UNITS
from tests.api.web.conftest import Client


def test_link_header_leads_to_the_next_page(client: Client) -> None:
    api = client()
    first = api.get("/v1/search", params={"q": "bridge", "sort": "oldest", "size": 1})
    following = first.headers["link"].removeprefix("<").partition(">")[0]
    second = api.get(following)
    headlines = [a.json()["hits"][0]["article"]["headline"] for a in (first, second)]
    assert headlines == ["Bridge closed", "Bridge open again"]


def test_highlights_are_safe_html(client: Client) -> None:
    hit = client().get("/v1/search", params={"q": "bold"}).json()["hits"][0]
    fragments = [f for found in hit["highlights"].values() for f in found]
    assert any("<em>bold</em>" in f for f in fragments)
    assert not any("<b>" in f for f in fragments)


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "nonsense"},
        {"since": "yesterday"},
        {"facet": "shoes"},
        {"sort": "best"},
        {"cursor": "!"},
        {"scope": "x"},
    ],
)
def test_invalid_parameters_are_explained(client: Client, params: dict[str, str]) -> None:
    answer = client().get("/v1/search", params=params)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("text", ['"', "(((", "a:b:c", "-", "OR OR", "*", "headline:", "😀", "\\"])
def test_unusual_query_text_is_accepted(client: Client, text: str) -> None:
    assert client().get("/v1/search", params={"q": text}).status_code == 200


def test_selected_fields(client: Client) -> None:
    api, wanted = client(), {"fields": ["headline,url", "images"], "sort": "oldest"}
    hits = api.get("/v1/search", params=wanted).json()["hits"]
    assert all(set(hit["article"]) == {"headline", "url", "images"} for hit in hits)
    assert hits[0]["article"]["images"][0]["agency"] == "AP"
    lines = api.get("/v1/search.ndjson", params=wanted).text.splitlines()
    assert [json.loads(line) for line in lines] == [hit["article"] for hit in hits]
    header, row, *_ = csv.reader(io.StringIO(api.get("/v1/search.csv", params=wanted).text))
    assert header == ["headline", "url", "images"]
    assert json.loads(row[2]) == hits[0]["article"]["images"][0]
    for form in ("", ".ndjson", ".csv"):
        refused = api.get(f"/v1/search{form}", params={"fields": "shoes"})
        assert (refused.status_code, "no field 'shoes'" in refused.json()["detail"]) == (422, True)


def test_next_page_of_a_span_keeps_its_dates(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    params = {"since": "9000w", "size": "1", "sort": "newest"}
    first = client().get("/v1/search", params=params)
    monkeypatch.setitem(UNITS, "w", timedelta(days=6))
    second = client().get(first.links["next"]["url"])
    assert [len(answer.json()["hits"]) for answer in (first, second)] == [1, 1]
