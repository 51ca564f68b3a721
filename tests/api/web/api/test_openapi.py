"""/openapi.json, as a generator of clients reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

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


def test_every_call_describes_its_errors(described: Any) -> None:
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


def test_references_resolve_and_operation_ids_are_unique(described: Any) -> None:
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
def test_content_type_is_the_described_one(
    client: Client, filled: AppContext, described: Any, path: str, media_type: str
) -> None:
    answer = client().get(path)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert media_type in described["paths"][path]["get"]["responses"]["200"]["content"]


def test_exports_describe_only_parameters_that_they_use(described: Any) -> None:
    offered = {
        path: {p["name"] for p in described["paths"][path]["get"]["parameters"]}
        for path in ("/v1/search.csv", "/v1/search.ndjson", "/v1/search.atom")
    }
    found = {"q", "filter", "since", "until", "scope"}
    assert list(offered.values()) == [found | {"sort", "fields", "bom"}, found | {"sort", "fields"}, found]


@pytest.mark.parametrize("path", ["/v1/search", "/", "/metrics", "/v1/search.atom"])
def test_unauthenticated_callers_do_not_see_store_addresses(filled: AppContext, path: str) -> None:
    """The store is Elasticsearch at a port on which nothing listens."""
    settings = Settings(index_url=SecretStr("http://127.0.0.1:1"), api_keys=SecretStr(KEY))
    context = replace(filled, settings=settings, catalog=Catalog.on(ElasticDocumentStore(connect(settings), settings)))
    key = f"cd_{'a' * 12}_b"
    sent = {"Authorization": f"Bearer {key}", "Cookie": f"copydesk_key={key}"}
    answer = TestClient(create_app(context)).get(path, headers=sent)
    assert (answer.status_code, "127.0.0.1:1" in answer.text, "Try again" in answer.text) == (503, False, True)
