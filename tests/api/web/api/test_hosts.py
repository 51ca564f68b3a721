"""/v1/hosts: paused hosts."""

from __future__ import annotations

import time

from fastapi.testclient import TestClient

from api.web.app import create_app
from worker.services.context import AppContext


def test_paused_hosts_are_listed_and_resumed(context: AppContext) -> None:
    client = TestClient(create_app(context), base_url="http://127.0.0.1")
    context.frontier.pause("https://news.example", time.time() + 3600, "http-503")
    (host,) = client.get("/v1/hosts").json()
    assert (host["host"], host["reason"], host["failed"]) == ("https://news.example", "http-503", {})
    assert client.post("/v1/hosts/news.example/resume").json() == [host]
    assert client.get("/v1/hosts").json() == []
    again = client.post("/v1/hosts/https://news.example/resume")
    assert again.status_code == 422
    assert "is not paused" in again.json()["detail"]


def test_bare_name_resumes_each_scheme_and_port_of_a_host(context: AppContext) -> None:
    client = TestClient(create_app(context), base_url="http://127.0.0.1")
    names = ["https://news.example", "http://news.example:8080", "https://news.example.org", "https://[::1]:8443"]
    for name in names:
        context.frontier.pause(name, time.time() + 3600, "http-503")
    assert client.post("/v1/hosts/news.example:9090/resume").status_code == 422
    resumed = [
        host["host"] for given in ("News.example", "[::1]") for host in client.post(f"/v1/hosts/{given}/resume").json()
    ]
    assert sorted(resumed) == sorted(set(names) - {"https://news.example.org"})
