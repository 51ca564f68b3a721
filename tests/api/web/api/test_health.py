"""/healthz and /readyz."""

from __future__ import annotations

from dataclasses import replace

from fastapi.testclient import TestClient
from redis import Redis

from api.web.app import create_app
from tests.api.web.conftest import KEY, Client


def test_readyz_names_the_part_that_does_not_answer(client: Client) -> None:
    api = client(api_keys=KEY)
    context = replace(api.app.state.context, redis=Redis(port=1, retry=None))  # type: ignore[attr-defined,arg-type]
    answer = TestClient(create_app(context)).get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"broker": "does not answer", "index": "ok"})
