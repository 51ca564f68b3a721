"""The Elasticsearch client: its settings, and its errors."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import NotFoundError

from tests.support.servers import elasticsearch_distribution, elasticsearch_node
from tests.support.servers.http import QuietHandler, serve_http
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect, describe


def settings(url: str, **more: Any) -> Settings:
    return Settings.model_validate({"index_url": url, "index_timeout_s": 2} | more)


def test_a_missing_server_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with connect(settings(url)) as client, pytest.raises(Unavailable, match="does not answer"):
        client.cluster.health()


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            connect(settings(url, index_timeout_s=0.2)) as client,
            pytest.raises(Unavailable, match=r"does not answer.*timed out"),
        ):
            client.options(max_retries=0).cluster.health()


@pytest.fixture
def answering() -> Iterator[tuple[str, list[tuple[int, str]], list[str]]]:
    """Run an HTTP server that answers as its list says and records the Authorization headers."""
    answers: list[tuple[int, str]] = []
    seen: list[str] = []

    class Handler(QuietHandler):
        def do_GET(self) -> None:
            status, product = answers[-1]
            seen.append(self.headers.get("Authorization", ""))
            headers = {"Content-Type": "application/json", "X-Elastic-Product": product}
            self.respond(status, b'{"error": {"type": "some_exception", "reason": "because"}}', headers)

        def do_POST(self) -> None:
            self.read_body()
            self.do_GET()

    with serve_http(Handler) as port:
        yield f"http://127.0.0.1:{port}", answers, seen


@pytest.mark.parametrize(
    ("status", "product", "error", "words"),
    [
        (429, "Elasticsearch", Unavailable, "cannot answer at present"),
        (503, "Elasticsearch", Unavailable, "cannot answer at present"),
        (500, "Elasticsearch", Unavailable, "cannot answer at present"),
        (401, "Elasticsearch", Unavailable, "COPYDESK_INDEX_USERNAME"),
        (403, "Elasticsearch", Unavailable, "COPYDESK_INDEX_API_KEY"),
        (200, "OpenSearch", Unavailable, "not Elasticsearch"),
        (404, "Elasticsearch", NotFoundError, "some_exception"),
    ],
)
def test_error_answers_become_errors_with_advice(
    answering: Any, status: int, product: str, error: type[Exception], words: str
) -> None:
    url, answers, _ = answering
    answers.append((status, product))
    with connect(settings(url)) as client, pytest.raises(error, match=words):
        client.options(max_retries=0).cluster.health()


@pytest.mark.parametrize(("status", "error"), [(400, BadInput), (413, BadInput), (404, NotFoundError)])
def test_a_search_that_elasticsearch_refuses_is_bad_input(answering: Any, status: int, error: type[Exception]) -> None:
    url, answers, _ = answering
    answers.append((status, "Elasticsearch"))
    with connect(settings(url)) as client, pytest.raises(error, match=r"because|some_exception"):
        client.options(max_retries=0).search(index="news", size=1)


@pytest.mark.parametrize(
    ("more", "header"),
    [
        ({}, ""),
        ({"index_username": "news", "index_password": "pässword"}, "Basic bmV3czpww6Rzc3dvcmQ="),
        ({"index_api_key": "S0VZ"}, "ApiKey S0VZ"),
    ],
)
def test_credentials_are_sent(answering: Any, more: dict[str, str], header: str) -> None:
    url, answers, seen = answering
    answers.append((200, "Elasticsearch"))
    with connect(settings(url, **more)) as client:
        client.cluster.health()
    assert seen == [header]


def test_contradictory_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="both set"):
        connect(settings("http://127.0.0.1:9200", index_api_key="x", index_username="y"))
    with pytest.raises(BadInput, match=r"does not exist: .*ca\.pem"):
        connect(settings("https://127.0.0.1:9200", index_ca_file=tmp_path / "ca.pem"))


def test_deprecations_are_logged() -> None:
    code = (
        "import warnings; from elasticsearch import ElasticsearchWarning; from worker import logs; "
        "from worker.config.settings import Settings; logs.set_up(Settings(log_format='json')); "
        "warnings.warn('[frozen] is deprecated', ElasticsearchWarning)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line = json.loads(ended.stderr)
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "ElasticsearchWarning: [frozen] is deprecated" in line["message"]


def test_a_real_node(elasticsearch: elasticsearch_node.Node) -> None:
    with connect(settings(elasticsearch.url)) as client:
        assert describe(client).startswith(f"Elasticsearch {elasticsearch_distribution.find().version}, ")
        assert ", 1 node(s), " in describe(client)


def test_an_answer_from_a_part_of_the_shards_is_an_error(elasticsearch: elasticsearch_node.Node) -> None:
    """The second shard is not allocated: the node may have only one."""
    name = f"t{uuid.uuid4().hex[:12]}"
    own = {"index.number_of_shards": 2, "index.number_of_replicas": 0}
    with connect(settings(elasticsearch.url, index_timeout_s=30)) as client:
        limit = {"index.routing.allocation.total_shards_per_node": 1}
        client.indices.create(index=name, settings=own | limit, wait_for_active_shards=0)
        client.cluster.health(index=name, wait_for_active_shards=1)
        try:
            with pytest.raises(Unavailable, match="do not answer"):
                client.search(index=name)
            with pytest.raises(Unavailable, match="do not answer"):
                client.count(index=name)
        finally:
            client.indices.delete(index=name)


def test_an_article_on_an_unavailable_shard_is_not_reported_as_missing(elastic_settings: Settings) -> None:
    """Otherwise a worker would write it again, or the API would answer 404."""
    index = ElasticIndex(connect(elastic_settings), elastic_settings)
    index.setup()
    with connect(elastic_settings) as client:
        client.indices.close(index=f"{elastic_settings.index_prefix}-articles-v1")
        with pytest.raises(Unavailable, match="Cannot read a document"):
            index.get(["0" * 32])
