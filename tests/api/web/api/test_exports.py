"""Exports of a search as CSV and NDJSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.web.app import create_app
from tests.api.web.conftest import Client
from worker.config.settings import Settings
from worker.services.context import AppContext
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect


def test_ndjson_has_every_article(client: Client) -> None:
    answer = client().get("/v1/search.ndjson", params={"sort": "oldest"})
    articles = [json.loads(line) for line in answer.text.splitlines()]
    assert [a["headline"] for a in articles] == ["Bridge closed", "Bridge open again", "=HYPERLINK(1)"]


def test_csv_cells_are_not_formulas(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(client().get("/v1/search.csv", params={"sort": "oldest"}).text)))
    assert [r["headline"] for r in rows] == ["Bridge closed", "Bridge open again", "'=HYPERLINK(1)"]
    assert rows[0]["caption_text"] == "A gauge, the 1th"


def test_csv_may_begin_with_a_byte_order_mark(client: Client) -> None:
    plain, marked = (client().get("/v1/search.csv", params=params).content for params in ({}, {"bom": "true"}))
    assert marked == b"\xef\xbb\xbf" + plain and plain.startswith(b"id,")


@pytest.mark.parametrize("path", ["/v1/search.csv", "/v1/search.ndjson"])
@pytest.mark.parametrize("params", [{"scope": "x"}, {"sort": "best"}, {"filter": "colour=red"}])
def test_invalid_parameters_of_an_export_are_explained(client: Client, path: str, params: dict[str, str]) -> None:
    answer = client().get(path, params=params)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


def test_export_without_hits_is_empty(client: Client) -> None:
    assert client().get("/v1/search.ndjson", params={"q": "xylophone"}).text == ""
    assert client().get("/v1/search.csv", params={"q": "xylophone"}).text.startswith("id,url,")


def test_export_without_the_store_is_503(filled: AppContext) -> None:
    """The store is Elasticsearch at a port on which nothing listens."""
    away = Settings(data_dir=filled.settings.data_dir, index_url=SecretStr("http://127.0.0.1:1"))
    context = replace(filled, index=ElasticIndex(connect(away), away))
    answer = TestClient(create_app(context), base_url="http://127.0.0.1").get("/v1/search.csv")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
