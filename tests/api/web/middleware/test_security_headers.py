"""Security headers on all answers."""

from __future__ import annotations

import pytest

from tests.api.web.conftest import Client


@pytest.mark.parametrize("path", ["/v1/search", "/v1/nothing", "/healthz", "/openapi.json"])
def test_other_sites_cannot_embed_answers(client: Client, path: str) -> None:
    for api in (client(), client(api_cors_origins="https://news.example")):
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
