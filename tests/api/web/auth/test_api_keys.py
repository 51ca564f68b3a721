"""Who may ask for what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from api.web import __main__
from api.web.app import create_app
from api.web.auth.brute_force import MAX_WRONG_KEYS
from tests.api.web.conftest import KEY, Client
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.services.context import AppContext

OTHER = "the-second-of-the-keys"


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_without_keys_loopback_is_trusted_by_its_own_names_alone(client: Client) -> None:
    api = client()
    assert api.get("/v1/search").status_code == 200
    assert api.get("/v1/search", headers={"Host": "rebound.example"}).status_code == 400


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), (OTHER, 200), ("third", 401), ("", 401), ("ключ", 401)])
def test_configured_keys(client: Client, key: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {key}".encode()}
    assert client(api_keys=f"{KEY}, {OTHER}").get("/v1/search", headers=headers).status_code == status  # type: ignore[arg-type]


def test_without_a_key_the_answer_says_how_to_send_one(client: Client) -> None:
    answer = client(api_keys=KEY).get("/v1/search")
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.json()["detail"]
    assert client(api_keys=KEY).get("/healthz").status_code == 200
    for path in ("/openapi.json", "/metrics"):
        assert client(api_keys=KEY).get(path).status_code == 401
        assert client(api_keys=KEY).get(path, headers=_bearer(KEY)).status_code == 200


def test_a_key_of_the_catalog_may_do_what_its_scopes_say(client: Client, filed: AppContext) -> None:
    _, secret = filed.catalog.api_keys.create("reader", ["read"], filed.now())
    api = client()
    assert api.get("/v1/search").status_code == 401, "once there is a key, everybody needs one"
    assert api.get("/v1/search", headers=_bearer(secret)).status_code == 200
    refused = api.post("/v1/urls", json={"urls": ["https://example.org/x"]}, headers=_bearer(secret))
    assert (refused.status_code, "scope add" in refused.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("scope", "reads", "adds", "administers"),
    [("read", 200, 403, 403), ("add", 403, 202, 403), ("admin", 200, 202, 200)],
)
def test_the_scope_admin_includes_the_others(
    client: Client, filed: AppContext, scope: str, reads: int, adds: int, administers: int
) -> None:
    _, secret = filed.catalog.api_keys.create("one", [scope], filed.now())
    api, headers = client(), _bearer(secret)
    assert api.get("/v1/sources", headers=headers).status_code == reads
    assert api.post("/v1/urls", json={"urls": ["https://example.org/x"]}, headers=headers).status_code == adds
    assert api.get("/v1/searches", headers=headers).status_code == administers


def test_a_revoked_key_is_worthless(client: Client, filed: AppContext) -> None:
    key, secret = filed.catalog.api_keys.create("gone", ["read"], filed.now())
    filed.catalog.api_keys.create("stays", ["read"], filed.now())
    filed.catalog.api_keys.revoke(key.id)
    assert client().get("/v1/search", headers=_bearer(secret)).status_code == 401


def test_calls_beyond_the_rate_are_told_to_wait(client: Client, filed: AppContext) -> None:
    _, secret = filed.catalog.api_keys.create("busy", ["read"], filed.now(), rate_per_minute=3)
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


def test_an_address_may_guess_a_few_keys_a_minute(client: Client, filed: AppContext) -> None:
    _, secret = filed.catalog.api_keys.create("reader", ["read"], filed.now())
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
        assert locked.get("/v1/search", headers=_bearer(secret)).status_code == 200, "it cannot be guessed"
        assert locked.get("/v1/search").status_code == 401
    assert _from(api, "2001:db8:0:1::1").get("/v1/search", headers=_bearer(KEY)).status_code == 200


def test_a_program_with_an_old_key_locks_nobody_out(client: Client) -> None:
    api = _from(client(api_keys=KEY), "192.0.2.44")
    assert {api.get("/v1/search", headers=_bearer("old")).status_code for _ in range(2 * MAX_WRONG_KEYS)} == {401}
    assert api.get("/v1/search", headers=_bearer(KEY)).status_code == 200


def test_without_redis_nobody_is_kept_waiting(client: Client, tmp_path: Path) -> None:
    api = client(api_keys=KEY)
    context = replace(api.app.state.context, redis=Redis(unix_socket_path=f"{tmp_path}/none", retry=None))  # type: ignore[attr-defined]
    alone = _from(TestClient(create_app(context)), "192.0.2.45")
    assert set(_guess(alone, MAX_WRONG_KEYS + 2)) == {401}
    assert alone.get("/v1/search", headers=_bearer(KEY)).status_code == 200


def test_other_sites_may_not_call_unless_named(client: Client) -> None:
    origin = {"Origin": "https://news.example"}
    assert "access-control-allow-origin" not in client().get("/v1/search", headers=origin).headers
    allowed = client(api_cors_origins="https://news.example").get("/v1/search", headers=origin)
    assert allowed.headers["access-control-allow-origin"] == "https://news.example"


def test_revoking_the_last_key_opens_nothing(client: Client, filed: AppContext) -> None:
    key, secret = filed.catalog.api_keys.create("only", ["read"], filed.now())
    api = client()
    filed.catalog.api_keys.revoke(key.id)
    assert api.get("/v1/search").status_code == 401
    assert api.get("/v1/search", headers=_bearer(secret)).status_code == 401
    assert api.delete("/v1/sources/any").status_code == 401
    assert api.get("/").status_code == 401, "nor the pages"


def test_beyond_loopback_nobody_is_trusted(client: Client) -> None:
    assert client(api_host="192.0.2.7").get("/v1/search").status_code == 401


def test_what_was_open_at_the_start_closes_with_the_first_key_and_opens_with_the_last(
    client: Client, filed: AppContext
) -> None:
    api = client()
    key, _ = filed.catalog.api_keys.create("later", ["read"], filed.now())
    assert api.get("/v1/search").status_code == 401
    filed.catalog.api_keys.revoke(key.id)
    assert api.get("/v1/search").status_code == 200
    assert api.get("/v1/search", headers={"Host": "rebound.example"}).status_code == 400


@pytest.mark.parametrize(
    ("setting", "value"),
    [("api_https", True), ("api_public_url", "https://desk.example"), ("api_host", "192.0.2.7")],
)
def test_what_others_reach_does_not_start_without_keys(filed: AppContext, setting: str, value: object) -> None:
    context = replace(filed, settings=Settings.model_validate(filed.settings.model_dump() | {setting: value}))
    with pytest.raises(BadInput, match=f"COPYDESK_{setting.upper()}: .*COPYDESK_API_KEYS"):
        __main__.check(context)
    filed.catalog.api_keys.create("first", ["read"], filed.now())
    __main__.check(context)


def test_no_api_without_keys_is_open_to_every_site(client: Client, filed: AppContext) -> None:
    """Should it be served all the same, it still answers none of them."""
    api = client(api_cors_origins="*")
    with pytest.raises(BadInput, match=r"CORS_ORIGINS: .*COPYDESK_API_KEYS"):
        __main__.check(api.app.state.context)  # type: ignore[attr-defined]
    site = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert api.get("/v1/search", headers=site).status_code == 403
    _, secret = filed.catalog.api_keys.create("first", ["read"], filed.now())
    __main__.check(api.app.state.context)  # type: ignore[attr-defined]
    assert api.get("/v1/search", headers=site | _bearer(secret)).headers["access-control-allow-origin"] == "*"
