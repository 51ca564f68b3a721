"""/v1/sources: lists that go in and out, and what a site offers."""

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
def test_a_list_is_imported(client: Client, filed: AppContext, body: bytes, kind: str) -> None:
    answer = client().post("/v1/sources/import", content=body, headers={"Content-Type": kind})
    (one,) = answer.json()
    assert (answer.status_code, one["name"], one["verdict"], one["problem"]) == (200, "daily", "added", None)
    source = filed.catalog.sources.get("daily")
    assert (source.url, source.kind, source.schedule) == ("https://news.example/feed", SourceKind.FEED, "15m")
    assert source.paused is (body != OPML)


def test_each_entry_has_its_own_answer(client: Client, filed: AppContext) -> None:
    wrong = [{"url": "http://["}, {**ENTRY, "url": "https://odd.example/feed", "name": "odd", "every": "often"}]
    api = client()
    answers = api.post("/v1/sources/import", json=[ENTRY, *wrong, ENTRY]).json()
    assert [a["verdict"] for a in answers] == ["added", "refused", "refused", "known"]
    assert "not a web address" in answers[1]["problem"]
    assert "not a schedule" in answers[2]["problem"]
    assert [s.name for s in filed.catalog.sources.all()] == ["daily"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", None),
        (b"{}", "no list"),
        (b"[5]", "names no url"),
        (b'[{"url": 5}]', "no text"),
        (b'[{"url": "https://a.example/", "kind": "blog"}]', "none of feed"),
        (b"[" * 50_000, None),
        (b"[" + b"[" * 50_000, None),
        (b"<opml/>", "no OPML"),
        (b"source = 5", "no list"),
        (b"\xff", "utf-8"),
    ],
)
def test_a_broken_list_is_explained_and_adds_nothing(
    client: Client, filed: AppContext, body: bytes, said: str | None
) -> None:
    answer = client().post("/v1/sources/import", content=body)
    assert answer.status_code == (422 if body else 200)
    assert said is None or said in answer.json()["detail"]
    assert not list(filed.catalog.sources.all())


@pytest.mark.parametrize("form", ["toml", "opml"])
def test_what_is_exported_can_be_imported(client: Client, filed: AppContext, form: str) -> None:
    registry.register(filed, "https://news.example/f?a=1&b=2", name='Ö "x" & <y>', kind=SourceKind.FEED, every="2h")
    before = filed.catalog.sources.get('Ö "x" & <y>')
    api = client()
    answer = api.get("/v1/sources/export", params={"format": form})
    assert f"sources.{form}" in answer.headers["content-disposition"]
    filed.catalog.sources.remove(before.name)
    assert api.post("/v1/sources/import", content=answer.content).json()[0]["verdict"] == "added"
    after = filed.catalog.sources.get(before.name)
    assert (after.url, after.kind, after.schedule) == (before.url, before.kind, before.schedule)


NAMES = ["a/b", "a/pause", "/", "a//b/", "100 % näht?#", "L\u3000M", "می\u200cخواهم"]


@pytest.mark.parametrize("name", NAMES)
def test_a_source_of_any_name_can_be_addressed(client: Client, name: str) -> None:
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
def test_a_name_that_cannot_be_used_is_refused(client: Client, filed: AppContext, name: str) -> None:
    api = client()
    answer = api.post("/v1/sources", json={"url": "https://news.example/feed", "kind": "feed", "name": name})
    assert (answer.status_code, "\x1b" in answer.text) == (422, False)
    (entry,) = api.post("/v1/sources/import", json=[{**ENTRY, "name": name}]).json()
    assert entry["verdict"] == "refused" and entry["problem"]
    assert not list(filed.catalog.sources.all())


def test_names_of_before_make_no_ill_formed_list(client: Client, filed: AppContext) -> None:
    made = registry.register(filed, "https://news.example/f", name="daily", kind=SourceKind.FEED)
    filed.catalog.sources.add(replace(made, name="a\x00\x1b[31m\x85\ufffe\uffffb"))
    text = client().get("/v1/sources/export", params={"format": "opml"}).content
    names = [outline.get("title") for outline in ElementTree.fromstring(text).iter("outline")]
    assert names == ["a  [31m   b", "daily"]


def test_a_form_that_does_not_exist(client: Client) -> None:
    assert client().get("/v1/sources/export", params={"format": "xls"}).status_code == 422


def test_a_site_is_asked_what_it_offers(client: Client, web: Web) -> None:
    web["/"] = '<html><link rel="alternate" type="application/rss+xml" href="/news.rss"><p>Home</p></html>'
    web["/news.rss"] = feed(web, "/1", "/2")
    api = client()
    (offer,) = api.get("/v1/sources/discover", params={"url": web.url("/")}).json()
    assert (offer["url"], offer["kind"], offer["how"], offer["listed"]) == (web.url("/news.rss"), "feed", "named", 2)
    assert api.get("/v1/sources/discover", params={"url": web.url("/none")}).status_code == 422


def test_scopes(client: Client, filed: AppContext) -> None:
    _, secret = filed.catalog.api_keys.create("reader", ["read"], filed.now())
    headers = {"Authorization": f"Bearer {secret}"}
    api = client()
    assert api.get("/v1/sources/export", headers=headers).status_code == 200
    assert api.post("/v1/sources/import", content=TOML, headers=headers).status_code == 403
    assert api.get("/v1/sources/discover", params={"url": "https://x.example"}, headers=headers).status_code == 403
