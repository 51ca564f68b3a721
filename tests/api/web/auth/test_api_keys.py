"""API keys: scopes, rates, wrong keys, and an API without keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from api.web.app import create_app
from api.web.auth.brute_force import MAX_WRONG_KEYS
from api.web.auth.exposure import check
from tests.api.web.conftest import KEY, Client
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.services.context import AppContext

OTHER = "the-second-of-the-keys"


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_api_without_keys_answers_only_to_loopback_names(client: Client) -> None:
    api = client()
    assert api.get("/v1/search").status_code == 200
    assert api.get("/v1/search", headers={"Host": "rebound.example"}).status_code == 400


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), (OTHER, 200), ("third", 401), ("", 401), ("ключ", 401)])
def test_configured_keys(client: Client, key: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {key}".encode()}
    assert client(api_keys=f"{KEY}, {OTHER}").get("/v1/search", headers=headers).status_code == status  # type: ignore[arg-type]


def test_missing_key_is_explained(client: Client) -> None:
    answer = client(api_keys=KEY).get("/v1/search")
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.json()["detail"]
    assert client(api_keys=KEY).get("/healthz").status_code == 200
    for path in ("/openapi.json", "/metrics"):
        assert client(api_keys=KEY).get(path).status_code == 401
        assert client(api_keys=KEY).get(path, headers=_bearer(KEY)).status_code == 200


def test_scopes_limit_a_key(client: Client, filled: AppContext) -> None:
    _, secret = filled.catalog.api_keys.create("reader", ["read"], filled.now())
    api = client()
    assert api.get("/v1/search").status_code == 401, "if there is a key, each call needs one"
    assert api.get("/v1/search", headers=_bearer(secret)).status_code == 200
    refused = api.post("/v1/urls", json={"urls": ["https://example.org/x"]}, headers=_bearer(secret))
    assert (refused.status_code, "scope add" in refused.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("scope", "reads", "adds", "administers"),
    [("read", 200, 403, 403), ("add", 403, 202, 403), ("admin", 200, 202, 200)],
)
def test_the_scope_admin_includes_the_others(
    client: Client, filled: AppContext, scope: str, reads: int, adds: int, administers: int
) -> None:
    _, secret = filled.catalog.api_keys.create("one", [scope], filled.now())
    api, headers = client(), _bearer(secret)
    assert api.get("/v1/sources", headers=headers).status_code == reads
    assert api.post("/v1/urls", json={"urls": ["https://example.org/x"]}, headers=headers).status_code == adds
    assert api.get("/v1/searches", headers=headers).status_code == administers


def test_revoked_key_is_refused(client: Client, filled: AppContext) -> None:
    key, secret = filled.catalog.api_keys.create("gone", ["read"], filled.now())
    filled.catalog.api_keys.create("stays", ["read"], filled.now())
    filled.catalog.api_keys.revoke(key.id)
    assert client().get("/v1/search", headers=_bearer(secret)).status_code == 401


def test_calls_beyond_the_rate_get_429(client: Client, filled: AppContext) -> None:
    _, secret = filled.catalog.api_keys.create("busy", ["read"], filled.now(), rate_per_minute=3)
    api = client()
    answers = [api.get("/v1/search", headers=_bearer(secret)) for _ in range(8)]
    assert [a.status_code for a in answers[:3]] == [200, 200, 200]
    limited = [a for a in answers if a.status_code == 429]
    assert limited
    assert 0 < int(limited[0].headers["retry-after"]) <= 60


def _from(api: TestClient, address: str) -> TestClient:
    return TestClient(api.app, base_url="http://127.0.0.1", client=(address, 50_000))


def _guess(api: TestClient, n: int) -> list[int]:
    return [api.get("/v1/search", headers=_bearer(f"guess-{number}")).status_code for number in range(n)]


def test_wrong_keys_by_address_are_limited(client: Client, filled: AppContext) -> None:
    _, secret = filled.catalog.api_keys.create("reader", ["read"], filled.now())
    api = client(api_keys=KEY)
    guesser = _from(api, "2001:db8::1")
    assert _guess(guesser, MAX_WRONG_KEYS) == [401] * MAX_WRONG_KEYS
    for where in ("2001:db8::1", "2001:db8::ffff:2"):
        locked = _from(api, where)
        answer = locked.get("/v1/search", headers=_bearer(KEY))
        assert (answer.status_code, 0 < int(answer.headers["retry-after"]) <= 60) == (429, True)
        assert locked.post("/v1/urls", content=b"{", headers=_bearer(KEY)).status_code == 429
        page = locked.post("/sign-in", data={"key": KEY})
        assert (page.status_code, "retry-after" in page.headers) == (429, True)
        assert locked.get("/v1/search", headers=_bearer(secret)).status_code == 200, (
            "keys of the catalog cannot be guessed"
        )
        assert locked.get("/v1/search").status_code == 401
    assert _from(api, "2001:db8:0:1::1").get("/v1/search", headers=_bearer(KEY)).status_code == 200


def test_repeated_wrong_key_does_not_block_the_address(client: Client) -> None:
    api = _from(client(api_keys=KEY), "192.0.2.44")
    assert {api.get("/v1/search", headers=_bearer("old")).status_code for _ in range(2 * MAX_WRONG_KEYS)} == {401}
    assert api.get("/v1/search", headers=_bearer(KEY)).status_code == 200


def test_wrong_keys_are_not_limited_without_redis(client: Client, tmp_path: Path) -> None:
    api = client(api_keys=KEY)
    context = replace(api.app.state.context, redis=Redis(unix_socket_path=f"{tmp_path}/none", retry=None))  # type: ignore[attr-defined,arg-type]
    alone = _from(TestClient(create_app(context)), "192.0.2.45")
    assert set(_guess(alone, MAX_WRONG_KEYS + 2)) == {401}
    assert alone.get("/v1/search", headers=_bearer(KEY)).status_code == 200


def test_cors_allows_only_trusted_origins(client: Client) -> None:
    origin = {"Origin": "https://news.example"}
    assert "access-control-allow-origin" not in client().get("/v1/search", headers=origin).headers
    allowed = client(api_cors_origins="https://news.example").get("/v1/search", headers=origin)
    assert allowed.headers["access-control-allow-origin"] == "https://news.example"


def test_revoking_the_last_key_keeps_the_api_closed(client: Client, filled: AppContext) -> None:
    key, secret = filled.catalog.api_keys.create("only", ["read"], filled.now())
    api = client()
    filled.catalog.api_keys.revoke(key.id)
    assert api.get("/v1/search").status_code == 401
    assert api.get("/v1/search", headers=_bearer(secret)).status_code == 401
    assert api.delete("/v1/sources/any").status_code == 401
    assert api.get("/").status_code == 401, "the pages stay closed, too"


def test_api_beyond_loopback_needs_a_key(client: Client) -> None:
    assert client(api_host="192.0.2.7").get("/v1/search").status_code == 401


def test_api_that_started_open_closes_while_there_are_keys(client: Client, filled: AppContext) -> None:
    api = client()
    key, _ = filled.catalog.api_keys.create("later", ["read"], filled.now())
    assert api.get("/v1/search").status_code == 401
    filled.catalog.api_keys.revoke(key.id)
    assert api.get("/v1/search").status_code == 200
    assert api.get("/v1/search", headers={"Host": "rebound.example"}).status_code == 400


@pytest.mark.parametrize(
    ("setting", "value"),
    [("api_https", True), ("api_public_url", "https://press.example"), ("api_host", "192.0.2.7")],
)
def test_exposed_api_does_not_start_without_keys(filled: AppContext, setting: str, value: object) -> None:
    context = replace(filled, settings=Settings.model_validate(filled.settings.model_dump() | {setting: value}))
    with pytest.raises(BadInput, match=f"COPYDESK_{setting.upper()}: .*COPYDESK_API_KEYS"):
        check(context)
    filled.catalog.api_keys.create("first", ["read"], filled.now())
    check(context)


def test_cors_wildcard_needs_keys(client: Client, filled: AppContext) -> None:
    """Even if such an API is served, it does not answer pages of other sites."""
    api = client(api_cors_origins="*")
    with pytest.raises(BadInput, match=r"CORS_ORIGINS: .*COPYDESK_API_KEYS"):
        check(api.app.state.context)  # type: ignore[attr-defined]
    site = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert api.get("/v1/search", headers=site).status_code == 403
    _, secret = filled.catalog.api_keys.create("first", ["read"], filled.now())
    check(api.app.state.context)  # type: ignore[attr-defined]
    assert api.get("/v1/search", headers=site | _bearer(secret)).headers["access-control-allow-origin"] == "*"
