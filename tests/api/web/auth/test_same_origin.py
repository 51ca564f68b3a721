"""Calls from pages of other sites and through proxies."""

from __future__ import annotations

import pytest

from tests.api.web.conftest import KEY, Client
from worker.services.context import AppContext

CROSS = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
NEW = {"url": "https://example.org/feed.xml", "name": "tide", "kind": "feed", "every": "1h"}


@pytest.mark.parametrize(
    "headers",
    [
        CROSS,
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
    ],
)
def test_another_site_cannot_change_anything_without_keys(client: Client, headers: dict[str, str]) -> None:
    api = client()
    assert api.post("/v1/sources", json=NEW).status_code == 201
    for method, path in (
        ("POST", "/v1/sources/tide/pause"),
        ("POST", "/v1/urls"),
        ("DELETE", "/v1/sources/tide"),
        ("POST", "/v1/searches"),
    ):
        answer = api.request(method, path, headers=headers)
        assert (answer.status_code, "another site" in answer.text) == (403, True), path
    source = api.get("/v1/sources/tide").json()
    assert source["paused"] is False


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1"}],
)
def test_own_pages_and_programs_may_call(client: Client, headers: dict[str, str]) -> None:
    api = client()
    api.post("/v1/sources", json=NEW)
    assert api.post("/v1/sources/tide/pause", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/search", "/v1/sources/discover?url=http://x.example/", "/", "/queue", "/metrics"]
)
def test_another_site_cannot_make_an_open_api_search_or_fetch(client: Client, path: str) -> None:
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    frame = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    link = frame | {"Sec-Fetch-Dest": "document"}
    api = client()
    for headers in (CROSS, image, frame):
        answer = api.get(path, headers=headers)
        assert (answer.status_code, "another site" in answer.text) == (403, True), headers
    is_page = path in ("/", "/queue")
    assert api.get(path, headers=link).status_code == (200 if is_page else 403), "a link may open only pages"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via"])
@pytest.mark.parametrize("path", ["/v1/search", "/", "/metrics"])
def test_calls_through_a_proxy_need_a_key(client: Client, path: str, header: str) -> None:
    answer = client().get(path, headers={header: "203.0.113.9"})
    assert (answer.status_code, "COPYDESK_API_KEYS" in answer.text) == (403, True)
    passed = {header: "203.0.113.9", "Authorization": f"Bearer {KEY}"}
    assert client(api_keys=KEY).get("/v1/search", headers=passed).status_code == 200


def test_trusted_origin_may_call_from_a_browser(client: Client) -> None:
    api = client(api_cors_origins="https://news.example")
    api.post("/v1/sources", json=NEW)
    trusted = {"Origin": "https://news.example", "Sec-Fetch-Site": "cross-site"}
    assert api.get("/v1/search", headers=trusted).headers["access-control-expose-headers"] == "Link, ETag, Retry-After"
    preflight = trusted | {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "Authorization"}
    assert api.options("/v1/sources/tide", headers=preflight).status_code == 200
    assert api.delete("/v1/sources/tide", headers=CROSS).status_code == 403
    assert api.delete("/v1/sources/tide", headers=trusted).status_code == 204


def test_another_site_with_a_key_may_call(client: Client, filled: AppContext) -> None:
    _, secret = filled.catalog.api_keys.create("all", ["read", "add", "admin"], filled.now())
    answer = client().post("/v1/sources", json=NEW, headers=CROSS | {"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 201
