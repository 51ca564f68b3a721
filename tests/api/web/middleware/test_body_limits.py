"""Limits on request bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.api.web.conftest import KEY, Client

SENT = {"Content-Type": "application/json"}


def _body(n: int) -> bytes:
    return json.dumps({"urls": [f"https://news.example/{number}" for number in range(n)]}).encode()


def test_body_without_a_valid_key_is_not_read(client: Client) -> None:
    api = client(api_keys=KEY)
    answer = api.post("/v1/urls", content=b"{not json", headers=SENT)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer" in answer.json()["detail"]
    wrong = api.post("/v1/urls", content=b"{not json", headers=SENT | {"Authorization": "Bearer x"})
    assert wrong.status_code == 401
    right = api.post("/v1/urls", content=b"{not json", headers=SENT | {"Authorization": f"bearer {KEY}"})
    assert right.status_code == 422


@pytest.mark.parametrize("says_its_length", [True, False])
def test_long_body_is_refused(client: Client, says_its_length: bool) -> None:
    api = client(api_max_body_bytes=1000)
    body = _body(100)

    def parts() -> Iterator[bytes]:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    answer = api.post("/v1/urls", content=body if says_its_length else parts(), headers=SENT)
    assert answer.status_code == 413
    assert "COPYDESK_API_MAX_BODY_BYTES" in answer.json()["detail"]
    assert api.post("/v1/urls", content=_body(10), headers=SENT).status_code == 202


def test_only_the_url_that_is_too_long_is_refused(client: Client) -> None:
    urls = ["https://news.example/" + "a" * 9000, "https://news.example/b"]
    answers = client().post("/v1/urls", json={"urls": urls}).json()
    assert [a["verdict"] for a in answers] == ["refused", "created"]
    assert "8,000" in answers[0]["problem"]
