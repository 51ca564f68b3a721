"""Searches over HTTP: hits, pages, ETags, exports, feeds."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import feedparser
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.presentation.query_input import UNITS, parse_date
from api.web.api.schemas import ArticleAnswer
from api.web.app import create_app
from tests.api.web.conftest import BEGIN, KEY, Client, document
from worker import urls
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.model.records import CrawlResult, Image, Outcome, Provenance
from worker.services.context import AppContext
from worker.storage.document_json import FIELDS, to_json
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect


def test_pages_follow_the_link_header(client: Client) -> None:
    api = client()
    first = api.get("/v1/search", params={"q": "bridge", "sort": "oldest", "size": 1})
    following = first.headers["link"].removeprefix("<").partition(">")[0]
    second = api.get(following)
    headlines = [a.json()["hits"][0]["article"]["headline"] for a in (first, second)]
    assert headlines == ["Bridge closed", "Bridge open again"]


def test_an_unchanged_answer_is_not_sent_again(client: Client) -> None:
    api = client()
    first = api.get("/v1/search", params={"q": "bridge"})
    again = api.get("/v1/search", params={"q": "bridge"}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = api.get("/v1/search", params={"q": "gauge"}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_highlights_are_safe_html(client: Client) -> None:
    hit = client().get("/v1/search", params={"q": "bold"}).json()["hits"][0]
    fragments = [f for found in hit["highlights"].values() for f in found]
    assert any("<em>bold</em>" in f for f in fragments)
    assert not any("<b>" in f for f in fragments)


def test_ndjson_is_every_article(client: Client) -> None:
    answer = client().get("/v1/search.ndjson", params={"sort": "oldest"})
    articles = [json.loads(line) for line in answer.text.splitlines()]
    assert [a["headline"] for a in articles] == ["Bridge closed", "Bridge open again", "=HYPERLINK(1)"]


def test_csv_is_a_table_that_no_spreadsheet_runs(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(client().get("/v1/search.csv", params={"sort": "oldest"}).text)))
    assert [r["headline"] for r in rows] == ["Bridge closed", "Bridge open again", "'=HYPERLINK(1)"]
    assert rows[0]["caption_text"] == "A gauge, the 1th"


def test_a_table_for_excel_begins_with_a_byte_order_mark(client: Client) -> None:
    plain, marked = (client().get("/v1/search.csv", params=asked).content for asked in ({}, {"bom": "true"}))
    assert marked == b"\xef\xbb\xbf" + plain and plain.startswith(b"id,")


def test_a_search_is_a_feed(client: Client) -> None:
    answer = client().get("/v1/search.atom", params={"q": "bridge"})
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert [e.title for e in feed.entries] == ["Bridge open again", "Bridge closed"]
    assert feed.entries[0].link == "https://example.org/2"


def test_a_feed_is_never_of_the_future_and_the_same_by_any_name(client: Client, filed: AppContext) -> None:
    year = timedelta(days=365)
    filed.index.write(
        [
            document(11, "Quay planned", date_published=BEGIN + year),
            document(12, "Quay mended", date_published=BEGIN - year, date_modified=BEGIN - timedelta(hours=2)),
        ]
    )
    filed.index.refresh()
    api = client()

    def read(words: str, host: str) -> Any:
        return feedparser.parse(api.get(f"/v1/search.atom{words}", headers={"Host": host}).content)

    feed = read("?q=quay", "127.0.0.1")
    assert feed.feed.id == read("?q=quay", "localhost").feed.id != read("", "127.0.0.1").feed.id
    entries = {e.title: e for e in feed.entries}
    assert entries["Quay planned"].updated == feed.feed.updated == BEGIN.isoformat()
    assert entries["Quay mended"].updated == (BEGIN - timedelta(hours=2)).isoformat()
    known = client(api_public_url="https://desk.example/press/", api_keys=KEY)
    answer = known.get("/v1/search.atom?q=quay", headers={"Authorization": f"Bearer {KEY}"})
    assert feedparser.parse(answer.content).feed.links[0].href == "https://desk.example/press/v1/search.atom?q=quay"


def test_a_feed_reader_gives_the_key_as_a_password(client: Client, filed: AppContext) -> None:
    _, secret = filed.catalog.api_keys.create("reader", ["read"], filed.now())
    _, adding = filed.catalog.api_keys.create("adder", ["add"], filed.now())
    api = client()
    assert api.get("/v1/search.atom", auth=("anybody", secret)).status_code == 200
    assert api.get("/v1/search.atom", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert api.get("/v1/search.atom", auth=("anybody", adding)).status_code == 403
    for path in ("/v1/search.atom", "/v1/search"):
        refused = api.get(path, auth=("anybody", "wrong"))
        asks_for_password = "Basic" in refused.headers["www-authenticate"]
        assert (refused.status_code, asks_for_password) == (401, path == "/v1/search.atom")
    assert api.get("/v1/search", auth=("anybody", secret)).status_code == 401, "of feeds alone"
    broken = api.get("/v1/search.atom", headers={"Authorization": "Basic !"})
    assert (broken.status_code, broken.headers["www-authenticate"]) == (401, 'Basic realm="Copydesk"')


def test_similar_articles(client: Client) -> None:
    answer = client().get(f"/v1/articles/{1:032x}/similar")
    assert answer.status_code == 200
    assert f"{1:032x}" not in [h["article"]["id"] for h in answer.json()["hits"]]
    assert client().get(f"/v1/articles/{99:032x}/similar").status_code == 404
    for size in (-5, 0, 101):
        assert client().get(f"/v1/articles/{1:032x}/similar", params={"size": size}).status_code == 422


def test_what_is_similar_to_a_duplicate(client: Client, filed: AppContext) -> None:
    targets = [urls.target(f"https://{host}.example/20") for host in ("first", "copy")]
    first, copy = (admission.row for admission in filed.ledger.admit(targets, filed.now()))
    filed.index.write([replace(document(20, "Bridge closed again, the 20th day"), id=first.id)])
    filed.index.refresh()
    ends = ((first, Outcome.INDEXED, None), (copy, Outcome.DUPLICATE, "redirect"))
    filed.ledger.finish(
        [
            CrawlResult(id=r.id, crawl=r.crawl, outcome=o, finished_at=filed.now(), reason=why, article_id=first.id)
            for r, o, why in ends
        ]
    )
    by_id, by_duplicate = (client().get(f"/v1/articles/{id}/similar").json() for id in (first.id, copy.id))
    assert by_id["total"] > 0 and by_duplicate == by_id


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "nonsense"},
        {"since": "yesterday"},
        {"facet": "shoes"},
        {"sort": "best"},
        {"cursor": "!"},
        {"scope": "x"},
    ],
)
def test_wrong_input_is_explained(client: Client, params: dict[str, str]) -> None:
    answer = client().get("/v1/search", params=params)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("path", ["/v1/search.csv", "/v1/search.ndjson"])
@pytest.mark.parametrize("params", [{"scope": "x"}, {"sort": "best"}, {"filter": "colour=red"}])
def test_wrong_input_of_an_export_is_explained_before_it_begins(
    client: Client, path: str, params: dict[str, str]
) -> None:
    answer = client().get(path, params=params)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


def test_an_export_that_finds_nothing_is_empty(client: Client) -> None:
    assert client().get("/v1/search.ndjson", params={"q": "xylophone"}).text == ""
    assert client().get("/v1/search.csv", params={"q": "xylophone"}).text.startswith("id,url,")


def test_a_store_that_is_away_is_told_by_an_exports_status(filed: AppContext) -> None:
    """Of Elasticsearch: nothing listens at that port."""
    away = Settings(data_dir=filed.settings.data_dir, index_url=SecretStr("http://127.0.0.1:1"))
    context = replace(filed, index=ElasticIndex(connect(away), away))
    answer = TestClient(create_app(context), base_url="http://127.0.0.1").get("/v1/search.csv")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_an_article_is_given_as_it_is_stored(client: Client, filed: AppContext) -> None:
    """Its model names every field and changes none; what is empty is left out."""
    full = document(
        4,
        "Everything",
        **{name: name for name in TEXTS},
        byline=("Nell Carrow", "dpa"),
        keywords=("tide",),
        date_modified=BEGIN,
        images=(
            Image(url="https://i.example/1", caption="A", credit_text="B", creator=("C",), agency="AP", alt="E"),
            Image(is_lead=True),
        ),
        provenance={"headline": Provenance(source="meta", rule="og:title", rivals=(("dom h1", "x"),))},
    )
    filed.index.write([full])
    filed.index.refresh()
    api = client()
    for stored in (full, document(1, "Bridge closed")):
        given = api.get(f"/v1/articles/{stored.id}").text
        assert json.loads(given) == to_json(stored)
        assert list(json.loads(given)) == list(to_json(stored))
    hits = api.get("/v1/search", params={"q": "everything"}).json()["hits"]
    assert [hit["article"] for hit in hits] == [to_json(full)]
    similar = api.get(f"/v1/articles/{full.id}/similar").json()
    assert all(hit["article"] == to_json(filed.index.get([hit["article"]["id"]])[0]) for hit in similar["hits"])
    assert set(ArticleAnswer.model_fields) == set(to_json(full))
    assert (similar["suggestion"], similar["next_cursor"]) == (None, None), "what is null is not left out"


TEXTS = (
    "description", "agency", "article_section", "date_precision", "dateline", "canonical_url",
)  # fmt: skip


def test_the_description_names_the_fields_of_an_article(client: Client) -> None:
    schemas = client().get("/openapi.json").json()["components"]["schemas"]
    assert not [name for name in schemas if "__" in name], "two records of one name"
    article = schemas["ArticleAnswer"]
    assert article["properties"]["author"]["items"] == {"type": "string"}
    assert article["properties"]["images"]["items"] == {"$ref": "#/components/schemas/ImageAnswer"}
    assert "fetched_at" in article["required"] and "headline" not in article["required"]
    assert schemas["HitAnswer"]["properties"]["article"] == {"$ref": "#/components/schemas/ArticleAnswer"}


@pytest.mark.parametrize("text", ['"', "(((", "a:b:c", "-", "OR OR", "*", "headline:", "😀", "\\"])
def test_odd_words_are_never_an_error(client: Client, text: str) -> None:
    assert client().get("/v1/search", params={"q": text}).status_code == 200


def test_clients_choose_the_fields(client: Client) -> None:
    api, wanted = client(), {"fields": ["headline,url", "images"], "sort": "oldest"}
    hits = api.get("/v1/search", params=wanted).json()["hits"]
    assert all(set(hit["article"]) == {"headline", "url", "images"} for hit in hits)
    assert hits[0]["article"]["images"][0]["agency"] == "AP"
    lines = api.get("/v1/search.ndjson", params=wanted).text.splitlines()
    assert [json.loads(line) for line in lines] == [hit["article"] for hit in hits]
    header, row, *_ = csv.reader(io.StringIO(api.get("/v1/search.csv", params=wanted).text))
    assert header == ["headline", "url", "images"]
    assert json.loads(row[2]) == hits[0]["article"]["images"][0]
    for form in ("", ".ndjson", ".csv"):
        refused = api.get(f"/v1/search{form}", params={"fields": "shoes"})
        assert (refused.status_code, "no field 'shoes'" in refused.json()["detail"]) == (422, True)


def test_every_field_can_be_chosen() -> None:
    assert set(FIELDS) == set(ArticleAnswer.model_fields)


@pytest.mark.parametrize(
    ("span", "begins"),
    [("12h", "2026-11-23T21:00"), ("1d", "2026-11-23T00:00"), ("2w", "2026-11-10T00:00"), (" 0d ", "2026-11-24T00:00")],
)
def test_spans_reach_back_to_a_full_hour_or_day(span: str, begins: str) -> None:
    now = datetime(2026, 11, 24, 10, 30, 5, tzinfo=timezone(timedelta(hours=1)))
    assert parse_date(span, now) == datetime.fromisoformat(f"{begins}+00:00")


@pytest.mark.parametrize("text", ["100000w", "7 days", "7m", "-7d"])
def test_no_span(text: str) -> None:
    with pytest.raises(BadInput):
        parse_date(text)


def test_pages_of_the_last_hours_are_turned_though_the_hour_strikes(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"since": "9000w", "size": "1", "sort": "newest"}
    first = client().get("/v1/search", params=asked)
    monkeypatch.setitem(UNITS, "w", timedelta(days=6))
    second = client().get(first.links["next"]["url"])
    assert [len(answer.json()["hits"]) for answer in (first, second)] == [1, 1]


def test_a_feed_of_the_last_days_stays_the_same_feed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def feed_id(**dates: str) -> str:
        return str(feedparser.parse(client().get("/v1/search.atom", params=dates).content).feed.id)

    before = feed_id(since="7d")
    monkeypatch.setitem(UNITS, "d", timedelta(days=2))  # as if some days had passed
    assert feed_id(since="7d") == before
    others = [{"since": "6d"}, {"until": "7d"}, {"since": "7d", "until": "2026-11-24"}, {"since": "2026-11-24"}]
    assert len({before, *(feed_id(**dates) for dates in others)}) == 5
