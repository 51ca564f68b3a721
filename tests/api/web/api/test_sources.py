"""/v1/sources: import, export, names and discovery."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.api.web.conftest import Client
from tests.worker.services.conftest import Web, web
from tests.worker.services.sources.test_registry import feed
from worker.model.catalog import SourceKind
from worker.services.context import AppContext
from worker.services.sources import registry

__all__ = ["web"]

ENTRY = {"url": "https://news.example/feed", "name": "daily", "kind": "feed", "every": "15m", "paused": True}
TOML = b'[[source]]\nurl = "https://news.example/feed"\nname = "daily"\nkind = "feed"\nevery = "15m"\npaused = true\n'
OPML = b'<opml><body><outline text="daily" xmlUrl="https://news.example/feed" copydeskEvery="15m"/></body></opml>'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps([ENTRY]).encode(), "application/json"),
        (b"\n" + TOML, "application/toml"),
        (OPML, "text/x-opml"),
        (OPML, "application/x-www-form-urlencoded"),
    ],
)
def test_import_of_a_list(client: Client, filled: AppContext, body: bytes, kind: str) -> None:
    answer = client().post("/v1/sources/import", content=body, headers={"Content-Type": kind})
    (one,) = answer.json()
    assert (answer.status_code, one["name"], one["verdict"], one["problem"]) == (200, "daily", "added", None)
    source = filled.catalog.sources.get("daily")
    assert (source.url, source.kind, source.schedule) == ("https://news.example/feed", SourceKind.FEED, "15m")
    assert source.paused is (body != OPML)


def test_import_answers_each_entry(client: Client, filled: AppContext) -> None:
    wrong = [{"url": "http://["}, {**ENTRY, "url": "https://odd.example/feed", "name": "odd", "every": "often"}]
    api = client()
    answers = api.post("/v1/sources/import", json=[ENTRY, *wrong, ENTRY]).json()
    assert [a["verdict"] for a in answers] == ["added", "refused", "refused", "known"]
    assert "not a web URL" in answers[1]["problem"]
    assert "not a schedule" in answers[2]["problem"]
    assert [s.name for s in filled.catalog.sources.all()] == ["daily"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", None),
        (b"{}", "not a list"),
        (b"[5]", "has no url"),
        (b'[{"url": 5}]', "is not text"),
        (b'[{"url": "https://a.example/", "kind": "blog"}]', "not one of feed"),
        (b"[" * 50_000, None),
        (b"[" + b"[" * 50_000, None),
        (b"<opml/>", "not OPML"),
        (b"source = 5", "not a list"),
        (b"\xff", "utf-8"),
    ],
)
def test_import_of_a_broken_list_adds_nothing(
    client: Client, filled: AppContext, body: bytes, said: str | None
) -> None:
    answer = client().post("/v1/sources/import", content=body)
    assert answer.status_code == (422 if body else 200)
    assert said is None or said in answer.json()["detail"]
    assert not list(filled.catalog.sources.all())


@pytest.mark.parametrize("form", ["toml", "opml"])
def test_export_can_be_imported(client: Client, filled: AppContext, form: str) -> None:
    registry.register(filled, "https://news.example/f?a=1&b=2", name='Ö "x" & <y>', kind=SourceKind.FEED, every="2h")
    before = filled.catalog.sources.get('Ö "x" & <y>')
    api = client()
    answer = api.get("/v1/sources/export", params={"format": form})
    assert f"sources.{form}" in answer.headers["content-disposition"]
    filled.catalog.sources.remove(before.name)
    assert api.post("/v1/sources/import", content=answer.content).json()[0]["verdict"] == "added"
    after = filled.catalog.sources.get(before.name)
    assert (after.url, after.kind, after.schedule) == (before.url, before.kind, before.schedule)


NAMES = ["a/b", "a/pause", "/", "a//b/", "100 % näht?#", "L\u3000M", "می\u200cخواهم"]


@pytest.mark.parametrize("name", NAMES)
def test_percent_encoded_names(client: Client, name: str) -> None:
    api = client()
    added = {"url": "http://127.0.0.1:1/feed", "kind": "feed", "name": name}
    assert api.post("/v1/sources", json=added).status_code == 201
    address = f"/v1/sources/{quote(name, safe='')}"
    assert api.get(address).json()["name"] == name
    assert [api.post(f"{address}/{verb}").json()["paused"] for verb in ("pause", "resume")] == [True, False]
    assert api.post(f"{address}/crawl").status_code == 200
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


@pytest.mark.parametrize(
    "name", ["export", "import", "discover", "a/../b", ".", " ", "a\x00b", "\x1b[31mred", "a\ufffe", "a\nb", "x" * 201]
)
def test_invalid_name_is_refused(client: Client, filled: AppContext, name: str) -> None:
    api = client()
    answer = api.post("/v1/sources", json={"url": "https://news.example/feed", "kind": "feed", "name": name})
    assert (answer.status_code, "\x1b" in answer.text) == (422, False)
    (entry,) = api.post("/v1/sources/import", json=[{**ENTRY, "name": name}]).json()
    assert entry["verdict"] == "refused" and entry["problem"]
    assert not list(filled.catalog.sources.all())


def test_export_escapes_control_characters_in_old_names(client: Client, filled: AppContext) -> None:
    made = registry.register(filled, "https://news.example/f", name="daily", kind=SourceKind.FEED)
    filled.catalog.sources.add(replace(made, name="a\x00\x1b[31m\x85\ufffe\uffffb"))
    text = client().get("/v1/sources/export", params={"format": "opml"}).content
    names = [outline.get("title") for outline in ElementTree.fromstring(text).iter("outline")]
    assert names == ["a  [31m   b", "daily"]


def test_unknown_export_format(client: Client) -> None:
    assert client().get("/v1/sources/export", params={"format": "xls"}).status_code == 422


def test_discover_lists_the_feeds_of_a_site(client: Client, web: Web) -> None:
    web["/"] = '<html><link rel="alternate" type="application/rss+xml" href="/news.rss"><p>Home</p></html>'
    web["/news.rss"] = feed(web, "/1", "/2")
    api = client()
    (offer,) = api.get("/v1/sources/discover", params={"url": web.url("/")}).json()
    assert (offer["url"], offer["kind"], offer["how"], offer["listed"]) == (web.url("/news.rss"), "feed", "named", 2)
    assert api.get("/v1/sources/discover", params={"url": web.url("/none")}).status_code == 422


def test_scopes_of_source_calls(client: Client, filled: AppContext) -> None:
    _, secret = filled.catalog.api_keys.create("reader", ["read"], filled.now())
    headers = {"Authorization": f"Bearer {secret}"}
    api = client()
    assert api.get("/v1/sources/export", headers=headers).status_code == 200
    assert api.post("/v1/sources/import", content=TOML, headers=headers).status_code == 403
    assert api.get("/v1/sources/discover", params={"url": "https://x.example"}, headers=headers).status_code == 403
