"""What browsers and caches ask of the API: other sites, HEAD, conditional requests."""

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
def test_no_page_of_another_site_changes_anything_while_no_key_is_needed(
    client: Client, headers: dict[str, str]
) -> None:
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
def test_our_own_pages_and_programs_may(client: Client, headers: dict[str, str]) -> None:
    api = client()
    api.post("/v1/sources", json=NEW)
    assert api.post("/v1/sources/tide/pause", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/search", "/v1/sources/discover?url=http://x.example/", "/", "/queue", "/metrics"]
)
def test_no_page_of_another_site_makes_an_open_api_work_for_it(client: Client, path: str) -> None:
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    frame = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    link = frame | {"Sec-Fetch-Dest": "document"}
    api = client()
    for headers in (CROSS, image, frame):
        answer = api.get(path, headers=headers)
        assert (answer.status_code, "another site" in answer.text) == (403, True), headers
    is_page = path in ("/", "/queue")
    assert api.get(path, headers=link).status_code == (200 if is_page else 403), "a link opens pages alone"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via"])
@pytest.mark.parametrize("path", ["/v1/search", "/", "/metrics"])
def test_what_a_proxy_passes_on_is_not_from_this_machine(client: Client, path: str, header: str) -> None:
    answer = client().get(path, headers={header: "203.0.113.9"})
    assert (answer.status_code, "COPYDESK_API_KEYS" in answer.text) == (403, True)
    passed = {header: "203.0.113.9", "Authorization": f"Bearer {KEY}"}
    assert client(api_keys=KEY).get("/v1/search", headers=passed).status_code == 200


def test_a_site_that_is_named_may_call_from_a_browser(client: Client) -> None:
    api = client(api_cors_origins="https://news.example")
    api.post("/v1/sources", json=NEW)
    friend = {"Origin": "https://news.example", "Sec-Fetch-Site": "cross-site"}
    assert api.get("/v1/search", headers=friend).headers["access-control-expose-headers"] == "Link, ETag, Retry-After"
    asked = friend | {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "Authorization"}
    assert api.options("/v1/sources/tide", headers=asked).status_code == 200
    assert api.delete("/v1/sources/tide", headers=CROSS).status_code == 403
    assert api.delete("/v1/sources/tide", headers=friend).status_code == 204


def test_with_a_key_another_site_has_what_the_key_allows(client: Client, filed: AppContext) -> None:
    _, secret = filed.catalog.api_keys.create("all", ["read", "add", "admin"], filed.now())
    answer = client().post("/v1/sources", json=NEW, headers=CROSS | {"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 201


@pytest.mark.parametrize("path", ["/v1/search", "/v1/nothing", "/healthz", "/openapi.json"])
def test_no_other_site_can_embed_an_answer(client: Client, path: str) -> None:
    for api in (client(), client(api_cors_origins="https://news.example")):
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/v1/search", "/v1/search.csv", "/metrics", "/queue"])
def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    api = client()
    head, get = api.head(path), api.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    if path == "/v1/search":
        assert {n: head.headers[n] for n in ("etag", "content-length")} == {
            n: get.headers[n] for n in ("etag", "content-length")
        }


def test_head_of_nothing(client: Client) -> None:
    assert client().head("/v1/articles/" + "0" * 32).status_code == 404
    assert client(api_keys=KEY).head("/v1/search").status_code == 401


@pytest.mark.parametrize("known", ["*", "{etag}", '"other", {etag}', "{strong}"])
def test_if_none_match_as_http_has_it(client: Client, known: str) -> None:
    api = client()
    etag = api.get("/v1/search").headers["etag"]
    given = known.format(etag=etag, strong=etag.removeprefix("W/"))
    assert api.get("/v1/search", headers={"If-None-Match": given}).status_code == 304
