"""Error answers: they explain invalid requests, which change nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.web.conftest import Client
from worker.services.context import AppContext

SURROGATE = "\ud800"  # a lone surrogate, which JSON can contain
URL = "https://news.example/article"
SOURCE = {"url": "https://news.example/feed", "name": "daily", "kind": "feed", "every": "1h"}
SEARCH = {"name": "Floods", "q": "flood", "filters": {"lang": ["en"]}}


def _refused(client: Client, path: str, body: bytes) -> str:
    answer = client().post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert isinstance(detail, str)
    return detail


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/urls", {"urls": [URL, URL + SURROGATE]}, "urls.1"),
        ("/v1/urls", {"urls": [URL, f"https://{SURROGATE}.example/"]}, "urls.1"),
        ("/v1/urls", {"urls": [URL], "source": SURROGATE}, "source"),
        ("/v1/sources", SOURCE | {"name": SURROGATE}, "name"),
        ("/v1/sources", SOURCE | {"url": URL + SURROGATE}, "url"),
        ("/v1/sources", SOURCE | {"kind": SURROGATE}, "kind"),
        ("/v1/sources/import", [SOURCE | {"name": SURROGATE}], "The list"),
        ("/v1/sources/import", [SOURCE, SOURCE | {"url": URL + SURROGATE}], "The list"),
        ("/v1/searches", SEARCH | {"name": SURROGATE}, "name"),
        ("/v1/searches", SEARCH | {"q": SURROGATE}, "q"),
        ("/v1/searches", SEARCH | {"filters": {"lang": [SURROGATE]}}, "filters.lang.0"),
        ("/v1/searches", SEARCH | {"filters": {SURROGATE: ["en"]}}, "filters."),
        ("/v1/searches", SEARCH | {"scope": SURROGATE}, "scope"),
        ("/v1/searches", SEARCH | {"since": SURROGATE}, "since"),
        ("/v1/searches", SEARCH | {"webhook": "https://news.example/" + SURROGATE}, "webhook"),
    ],
)
def test_lone_surrogates_are_refused_before_anything_is_stored(
    client: Client, filled: AppContext, path: str, body: Any, field: str
) -> None:
    assert field in _refused(client, path, json.dumps(body).encode())
    assert not list(filled.ledger.rows(limit=1))
    assert not list(filled.catalog.sources.all()) and not list(filled.catalog.saved_searches.all())


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/urls", b'{"urls": ["https://x.example/"], "force": NaN}', "force: "),
        ("/v1/urls", b"{secret", "the body is not JSON: Expecting property name"),
        ("/v1/urls", b'{"urls": ' + json.dumps([5] * 9).encode() + b"}", "; and 4 more"),
        ("/v1/urls", b'{"urls": ' + b"[" * 100_000, "The body cannot be read as JSON"),
        ("/v1/urls", b'{"urls": ["\xff"]}', "The body cannot be read as JSON"),
        ("/v1/urls", b'{"urls": []}', "urls: List should have at least 1 item"),
        ("/v1/searches", b"{}", "name: Field required"),
        ("/v1/sources/import", b"source = " + b"[" * 100_000, "The list "),
    ],
)
def test_invalid_body_is_explained_and_not_repeated(client: Client, path: str, body: bytes, said: str) -> None:
    detail = _refused(client, path, body)
    assert said in detail and "secret" not in detail and len(detail) < 500


def test_invalid_parameter_is_named(client: Client) -> None:
    detail = client().get("/v1/search", params={"size": 1000}).json()["detail"]
    assert detail == "size: Input should be less than or equal to 100"
