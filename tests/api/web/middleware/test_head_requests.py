"""HEAD requests."""

from __future__ import annotations

import pytest

from tests.api.web.conftest import KEY, Client


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/v1/search", "/v1/search.csv", "/metrics", "/queue"])
def test_head_has_the_headers_of_get(client: Client, path: str) -> None:
    api = client()
    head, get = api.head(path), api.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    if path == "/v1/search":
        assert {n: head.headers[n] for n in ("etag", "content-length")} == {
            n: get.headers[n] for n in ("etag", "content-length")
        }


def test_head_has_the_status_of_get(client: Client) -> None:
    assert client().head("/v1/articles/" + "0" * 32).status_code == 404
    assert client(api_keys=KEY).head("/v1/search").status_code == 401
