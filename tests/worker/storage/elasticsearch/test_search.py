"""Searches in Elasticsearch: the number of requests, and highlights by its own analyzers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.pages.corpus import CORPUS, document
from worker.config.settings import Settings
from worker.model.query import Query
from worker.search.service import SearchService
from worker.search.stemming import stem
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import Client, connect

FACETS = ("section", "publisher", "lang", "author")


@pytest.fixture
def index(elastic_settings: Settings) -> Iterator[ElasticIndex]:
    with connect(elastic_settings) as client:
        index = ElasticIndex(client, elastic_settings)
        index.setup()
        yield index


@pytest.fixture
def requests(index: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which the path of each request is added, after the corpus was written."""
    index.write(CORPUS)
    index.refresh()
    paths: list[str] = []
    perform_request = Client.perform_request

    def record(self: Client, method: str, path: str, **more: Any) -> Any:
        paths.append(path.partition("?")[0])
        return perform_request(self, method, path, **more)

    monkeypatch.setattr(Client, "perform_request", record)
    return paths


@pytest.mark.parametrize(
    "query",
    [
        Query(text="flood"),
        Query(text="bridge OR storm", facets=FACETS, histogram="auto", filters={"lang": ("en",)}),
        Query(sort="newest", facets=FACETS, histogram="week"),
        Query(text="storm", sort="oldest", size=0, histogram="month"),
    ],
)
def test_a_search_takes_one_request(index: ElasticIndex, requests: list[str], query: Query) -> None:
    assert SearchService(index).find(query).total > 0
    assert [path.rpartition("/")[2] for path in requests] == ["_search"]


def test_a_further_page_takes_one_request_by_date_and_two_by_relevance(
    index: ElasticIndex, requests: list[str]
) -> None:
    """By relevance, the score of the last hit is read again: each write shifts all scores."""
    for sort, expected in (("newest", 1), ("relevance", 2)):
        query = Query(text="storm OR flood", sort=sort, size=1)
        cursor = SearchService(index).find(query).next_cursor
        requests.clear()
        assert SearchService(index).find(Query(text=query.text, sort=sort, size=1, cursor=cursor)).hits
        assert len(requests) == expected


def test_elasticsearch_highlights_forms_that_our_stemmer_does_not_know(index: ElasticIndex) -> None:
    index.write(
        [
            document("a", "Las luces del puerto", "Las luces se apagan a medianoche.", language="es"),
            document("b", "Una luz", "La luz vuelve.", language="es"),
            document("c", "Luz Marina cuenta su viaje", author=("Luz Marina",)),
        ]
    )
    index.refresh()
    assert stem("es", "luces") != stem("es", "luz")
    shown = {hit.id: dict(hit.highlights) for hit in SearchService(index).find(Query(text="luz")).hits}
    assert shown["a"]["headline"] == ("Las \x02luces\x03 del puerto",)
    assert shown["a"]["article_body"] == ("Las \x02luces\x03 se apagan a medianoche.",)
    assert shown["b"]["headline"] == ("Una \x02luz\x03",)
    assert shown["c"]["headline"] == ("\x02Luz\x03 Marina cuenta su viaje",)


def test_hits_are_the_stored_documents_without_the_data_of_others(
    index: ElasticIndex, elastic_settings: Settings
) -> None:
    index.write([document("a", "Flood")])
    with connect(elastic_settings) as client:
        alias = f"{elastic_settings.index_prefix}-articles-write"
        client.update(index=alias, id="a", doc={"extras": {"newsroom": "politics"}}, refresh=True)
    [hit] = SearchService(index).find(Query()).hits
    assert "extras" not in hit.fields
    assert hit.fields["headline"] == "Flood"
