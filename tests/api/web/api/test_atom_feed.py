"""Searches as Atom feeds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import feedparser
import pytest

from api.presentation.query_input import UNITS
from tests.api.web.conftest import BEGIN, KEY, Client, document
from worker.services.context import AppContext


def test_feed_has_the_matching_articles(client: Client) -> None:
    answer = client().get("/v1/search.atom", params={"q": "bridge"})
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert [e.title for e in feed.entries] == ["Bridge open again", "Bridge closed"]
    assert feed.entries[0].link == "https://example.org/2"


def test_feed_dates_are_not_in_the_future_and_its_id_is_stable(client: Client, filled: AppContext) -> None:
    year = timedelta(days=365)
    filled.index.write(
        [
            document(11, "Quay planned", date_published=BEGIN + year),
            document(12, "Quay repaired", date_published=BEGIN - year, date_modified=BEGIN - timedelta(hours=2)),
        ]
    )
    filled.index.refresh()
    api = client()

    def read(words: str, host: str) -> Any:
        return feedparser.parse(api.get(f"/v1/search.atom{words}", headers={"Host": host}).content)

    feed = read("?q=quay", "127.0.0.1")
    assert feed.feed.id == read("?q=quay", "localhost").feed.id != read("", "127.0.0.1").feed.id
    entries = {e.title: e for e in feed.entries}
    assert entries["Quay planned"].updated == feed.feed.updated == BEGIN.isoformat()
    assert entries["Quay repaired"].updated == (BEGIN - timedelta(hours=2)).isoformat()
    known = client(api_public_url="https://press.example/press/", api_keys=KEY)
    answer = known.get("/v1/search.atom?q=quay", headers={"Authorization": f"Bearer {KEY}"})
    assert feedparser.parse(answer.content).feed.links[0].href == "https://press.example/press/v1/search.atom?q=quay"


def test_feed_reader_sends_the_key_as_a_password(client: Client, filled: AppContext) -> None:
    _, secret = filled.catalog.api_keys.create("reader", ["read"], filled.now())
    _, adding = filled.catalog.api_keys.create("adder", ["add"], filled.now())
    api = client()
    assert api.get("/v1/search.atom", auth=("any-user", secret)).status_code == 200
    assert api.get("/v1/search.atom", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert api.get("/v1/search.atom", auth=("any-user", adding)).status_code == 403
    for path in ("/v1/search.atom", "/v1/search"):
        refused = api.get(path, auth=("any-user", "wrong"))
        asks_for_password = "Basic" in refused.headers["www-authenticate"]
        assert (refused.status_code, asks_for_password) == (401, path == "/v1/search.atom")
    assert api.get("/v1/search", auth=("any-user", secret)).status_code == 401, "only feeds accept a password"
    broken = api.get("/v1/search.atom", headers={"Authorization": "Basic !"})
    assert (broken.status_code, broken.headers["www-authenticate"]) == (401, 'Basic realm="Copydesk"')


def test_feed_of_a_span_keeps_its_id(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def feed_id(**dates: str) -> str:
        return str(feedparser.parse(client().get("/v1/search.atom", params=dates).content).feed.id)

    before = feed_id(since="7d")
    monkeypatch.setitem(UNITS, "d", timedelta(days=2))  # as if some days had passed
    assert feed_id(since="7d") == before
    others = [{"since": "6d"}, {"until": "7d"}, {"since": "7d", "until": "2026-11-24"}, {"since": "2026-11-24"}]
    assert len({before, *(feed_id(**dates) for dates in others)}) == 5


def test_entries_have_the_article_as_html(client: Client, filled: AppContext) -> None:
    html = '<h2>Why</h2><p>One <a href="https://e.example/b">link</a></p>'
    filled.index.write([document(7, "Quay closed", article_html=html)])
    filled.index.refresh()
    feed = feedparser.parse(client().get("/v1/search.atom", params={"q": "quay"}).content)
    [content] = feed.entries[0].content
    assert (content.type, content.value) == ("text/html", html)
    old = feedparser.parse(client().get("/v1/search.atom", params={"q": "open again"}).content)
    assert old.entries[0].content[0].value.startswith("<p>Bridge open again. The harbour")
