"""ETags and conditional requests."""

from __future__ import annotations

import pytest

from tests.api.web.conftest import Client


def test_unchanged_answer_is_304(client: Client) -> None:
    api = client()
    first = api.get("/v1/search", params={"q": "bridge"})
    again = api.get("/v1/search", params={"q": "bridge"}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = api.get("/v1/search", params={"q": "gauge"}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("known", ["*", "{etag}", '"other", {etag}', "{strong}"])
def test_if_none_match_compares_weakly(client: Client, known: str) -> None:
    api = client()
    etag = api.get("/v1/search").headers["etag"]
    given = known.format(etag=etag, strong=etag.removeprefix("W/"))
    assert api.get("/v1/search", headers={"If-None-Match": given}).status_code == 304
