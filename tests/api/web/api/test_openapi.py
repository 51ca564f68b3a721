"""/openapi.json, as a generator of clients reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from redis import Redis

from api.web.app import create_app
from tests.api.web.conftest import KEY, Client
from worker.config.settings import Settings
from worker.services.context import AppContext
from worker.storage.catalog import Catalog
from worker.storage.elasticsearch.client import connect
from worker.storage.elasticsearch.document_store import ElasticDocumentStore

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def described(client: Client) -> Any:
    return client().get("/openapi.json").json()


def _operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield method, path, operation


def _references(value: Any) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from (inner,) if key == "$ref" else _references(inner)


def test_every_call_names_its_errors_and_each_is_a_sentence(described: Any) -> None:
    for method, path, operation in _operations(described):
        answers = operation["responses"]
        assert any(status.startswith("2") for status in answers), path
        expected = {"401", "403", "429", "503"} if path.startswith(("/v1/", "/metrics")) else set()
        expected |= {"404"} if path.startswith("/v1/") and "{" in path else set()
        expected |= {"422"} if operation.get("parameters") else set()
        expected |= {"413", "422"} if "requestBody" in operation else set()
        assert expected <= set(answers), (method, path)
        errors = {s: a for s, a in answers.items() if s >= "400" and path != "/readyz"}
        schemas = [a["content"]["application/json"]["schema"] for a in errors.values()]
        assert schemas == [{"$ref": "#/components/schemas/Problem"}] * len(schemas), (method, path)
    assert described["components"]["schemas"]["Problem"]["properties"]["detail"]["type"] == "string"


def test_every_reference_leads_somewhere_and_every_name_is_its_own(described: Any) -> None:
    schemas = described["components"]["schemas"]
    used = set(_references(described))
    assert used == {f"#/components/schemas/{name}" for name in schemas}
    ids = [operation["operationId"] for *_, operation in _operations(described)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/v1/search.csv", "text/csv"),
        ("/v1/search.ndjson", "application/x-ndjson"),
        ("/v1/search.atom", "application/atom+xml"),
        ("/v1/search", "application/json"),
        ("/v1/sources/export", "application/toml"),
        ("/metrics", "text/plain"),
        ("/readyz", "application/json"),
    ],
)
def test_what_comes_is_of_the_type_that_is_described(
    client: Client, filed: AppContext, described: Any, path: str, media_type: str
) -> None:
    answer = client().get(path)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert media_type in described["paths"][path]["get"]["responses"]["200"]["content"]


def test_an_export_offers_what_it_heeds(described: Any) -> None:
    offered = {
        path: {p["name"] for p in described["paths"][path]["get"]["parameters"]}
        for path in ("/v1/search.csv", "/v1/search.ndjson", "/v1/search.atom")
    }
    found = {"q", "filter", "since", "until", "scope"}
    assert list(offered.values()) == [found | {"sort", "fields", "bom"}, found | {"sort", "fields"}, found]


@pytest.mark.parametrize("path", ["/v1/search", "/", "/metrics", "/v1/search.atom"])
def test_whose_key_cannot_be_looked_up_learns_no_addresses(filed: AppContext, path: str) -> None:
    """Of Elasticsearch: nothing listens at that port."""
    settings = Settings(index_url=SecretStr("http://127.0.0.1:1"), api_keys=SecretStr(KEY))
    context = replace(filed, settings=settings, catalog=Catalog.on(ElasticDocumentStore(connect(settings), settings)))
    key = f"cd_{'a' * 12}_b"
    sent = {"Authorization": f"Bearer {key}", "Cookie": f"copydesk_key={key}"}
    answer = TestClient(create_app(context)).get(path, headers=sent)
    assert (answer.status_code, "127.0.0.1:1" in answer.text, "Try again" in answer.text) == (503, False, True)


def test_a_part_that_does_not_answer_is_named_and_no_more(client: Client) -> None:
    api = client(api_keys=KEY)
    context = replace(api.app.state.context, redis=Redis(port=1, retry=None))  # type: ignore[attr-defined]
    answer = TestClient(create_app(context)).get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"broker": "does not answer", "index": "ok"})
