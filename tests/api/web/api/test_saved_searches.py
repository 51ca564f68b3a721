"""/v1/searches: saved searches and their webhooks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.web.app import create_app
from tests.support.servers.webhook_receiver import Receiver, verifies
from tests.worker.services.alerts.conftest import clock, context, document, file, tell
from worker.config.settings import Settings
from worker.services.alerts.matching import alert
from worker.services.context import AppContext

__all__ = ["clock", "context"]


@pytest.fixture
def api(context: AppContext) -> TestClient:
    return TestClient(create_app(context), base_url="http://127.0.0.1")


def test_life_of_a_saved_search(api: TestClient, context: AppContext, receiver: Receiver) -> None:
    file(context, document("old", "Flood of old", language="en"))
    alert(context)
    body = {
        "name": " Floods ",
        "q": "flood colour:red",
        "filters": {"lang": ["en", "de"], "kind": []},
        "webhook": receiver.url,
    }
    answer = api.post("/v1/searches", json=body | {"q": "flood"})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["found"], made["notes"], made["filters"]) == ("Floods", 1, [], {"lang": ["en", "de"]})
    assert made["secret"].startswith("whsec_")

    file(context, document("new", "Flood again", language="de"), document("other", "Flood encore", language="fr"))
    alert(context)
    assert tell(context) == 1
    assert receiver.articles() == ["new"]
    assert verifies(made["secret"], receiver.got[0].headers, receiver.got[0].body)

    shown = api.get(f"/v1/searches/{made['id']}").json()
    assert api.get("/v1/searches").json() == [shown]
    assert (shown["webhook"], shown["waiting"], shown["paused"]) == (receiver.url, 0, False)
    assert shown["last_sent_at"]
    assert "secret" not in shown
    assert made["secret"] not in api.get("/v1/searches").text

    assert api.post(f"/v1/searches/{made['id']}/pause").json()["paused"] is True
    assert api.post(f"/v1/searches/{made['id']}/resume").json()["paused"] is False
    assert api.post(f"/v1/searches/{made['id']}/test").json() == {"status": 204, "problem": None}
    assert receiver.got[-1].json["event"] == "search.test"

    assert api.delete(f"/v1/searches/{made['id']}").status_code == 204
    assert api.get("/v1/searches").json() == []
    for call in ("pause", "resume", "test"):
        assert api.post(f"/v1/searches/{made['id']}/{call}").status_code == 404
    assert api.get(f"/v1/searches/{made['id']}").status_code == 404
    assert api.delete(f"/v1/searches/{made['id']}").status_code == 404


def test_failed_webhook_test_is_explained(api: TestClient, receiver: Receiver) -> None:
    made = api.post("/v1/searches", json={"name": "all", "webhook": receiver.url}).json()
    receiver.answers = [503]
    tried = api.post(f"/v1/searches/{made['id']}/test").json()
    assert (tried["status"], "503" in tried["problem"]) == (503, True)


def test_search_without_a_webhook_has_no_secret_and_no_test(api: TestClient) -> None:
    made = api.post("/v1/searches", json={"name": "stream alone", "q": "colour:red"}).json()
    assert (made["webhook"], made["secret"]) == (None, None)
    assert any("colour" in note for note in made["notes"])
    refused = api.post(f"/v1/searches/{made['id']}/test")
    assert (refused.status_code, "no webhook" in refused.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "name"),
        ({"filters": {"shoes": ["red"]}}, "photographer"),
        ({"since": "yesterday"}, "2026-11-24"),
        ({"scope": "feet"}, "captions"),
        ({"webhook": "file:///etc/passwd"}, "http"),
        ({"webhook": "http://10.0.0.1/hook"}, "webhook_allow_private"),
        ({"webhook": "http://1.1.1.1:22/hook"}, "webhook_allow_ports"),
    ],
)
def test_invalid_search_is_explained_and_not_saved(api: TestClient, wrong: dict[str, object], said: str) -> None:
    answer = api.post("/v1/searches", json={"name": "x", "q": "flood"} | wrong)
    assert (answer.status_code, said in answer.json()["detail"]) == (422, True), answer.text
    assert api.get("/v1/searches").json() == []


def test_number_of_saved_searches_is_limited(context: AppContext) -> None:
    settings = Settings.model_validate(context.settings.model_dump() | {"saved_searches_max": 2})
    api = TestClient(create_app(replace(context, settings=settings)), base_url="http://127.0.0.1")
    statuses = [api.post("/v1/searches", json={"name": "x"}).status_code for _ in range(3)]
    assert statuses == [201, 201, 422]


@pytest.mark.parametrize(
    "call", ["GET /v1/searches", "POST /v1/searches", "GET /v1/searches/x", "DELETE /v1/searches/x"]
)
def test_saved_searches_need_the_scope_admin(api: TestClient, context: AppContext, call: str) -> None:
    _, secret = context.catalog.api_keys.create("reader", ["read", "add"], context.now())
    method, path = call.split()
    answer = api.request(method, path, headers={"Authorization": f"Bearer {secret}"}, json={"name": "x"})
    assert (answer.status_code, "admin" in answer.json()["detail"]) == (403, True)
