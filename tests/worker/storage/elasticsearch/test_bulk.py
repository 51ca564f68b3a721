"""Bulk writes that Elasticsearch refuses, for good or for a while."""

from __future__ import annotations

import gzip
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.support.pages.corpus import document, picture
from tests.support.servers.http import QuietHandler, serve_http
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.storage.elasticsearch import bulk
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect

Verdict = Callable[[str, bytes], int | None]  #: path and body of a request -> status to answer with; None: forward


def open_index(settings: Settings) -> ElasticIndex:
    return ElasticIndex(connect(settings), settings)


@pytest.fixture
def index(elastic_settings: Settings) -> ElasticIndex:
    index = open_index(elastic_settings)
    index.setup()
    return index


class Gate:
    """A proxy in front of Elasticsearch that refuses requests by its verdict."""

    def __init__(self, target: str) -> None:
        self.target, self.url = target, ""
        self.verdict: Verdict = lambda path, body: None
        self.seen: list[tuple[str, int]] = []  #: path and length of each bulk request
        gate = self

        class Handler(QuietHandler):
            def handle_any(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw
                if "_bulk" in self.path:
                    gate.seen.append((self.path, len(body)))
                status = gate.verdict(self.path, body)
                self.answer(*((status, b'{"error": {"type": "turned_away"}}') if status else self.forward(body)))

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any

            def forward(self, body: bytes) -> tuple[int, bytes]:
                headers = {name: self.headers[name] for name in ("Accept", "Content-Type") if name in self.headers}
                request = urllib.request.Request(target + self.path, body or None, headers, method=self.command)
                try:
                    with urllib.request.urlopen(request) as response:
                        return response.status, response.read()
                except urllib.error.HTTPError as error:
                    with error:
                        return error.code, error.read()

            def answer(self, status: int, body: bytes) -> None:
                self.respond(status, body, {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"})

        self.handler = Handler


@pytest.fixture
def gate(elastic_settings: Settings) -> Iterator[Gate]:
    gate = Gate(elastic_settings.store_url)
    with serve_http(gate.handler) as port:
        gate.url = f"http://127.0.0.1:{port}"
        yield gate


@pytest.fixture
def gated(gate: Gate, elastic_settings: Settings) -> ElasticIndex:
    """Return an index behind the proxy."""
    settings = Settings.model_validate({**elastic_settings.model_dump(), "index_url": gate.url})
    index = open_index(settings)
    index.setup()
    return index


def test_a_document_that_elasticsearch_refuses(index: ElasticIndex) -> None:
    """Elasticsearch allows ten thousand nested objects."""
    crowded = document("crowded", "Crowded", images=(picture("x"),) * 10_001)
    written = index.write([document("a"), crowded, document("b")])
    assert [w.status for w in written] == ["written", "refused", "written"]
    assert "nested" in str(written[1].reason)
    assert [d is not None for d in index.get(["a", "crowded", "b"])] == [True, False, True]


def test_a_field_outside_the_mapping_is_refused(index: ElasticIndex, elastic_settings: Settings) -> None:
    action = bulk.Action("index", "a", {}, {"id": "a", "colour": "red"})
    with connect(elastic_settings) as client:
        [answer] = bulk.send(client, f"{elastic_settings.index_prefix}-articles-write", [action])
    assert answer.status == 400
    assert "strict_dynamic_mapping_exception" in str(answer.reason)


def test_extras_are_accepted_and_survive_a_rebuild(index: ElasticIndex, elastic_settings: Settings) -> None:
    index.write([document("a")])
    index.refresh()
    read = f"{elastic_settings.index_prefix}-articles-read"
    with connect(elastic_settings) as client:
        stored = client.get(index=read, id="a")["_source"] | {
            "extras": {"newsroom": {"rating": "5", "long": "x" * 40_000}}
        }
        client.index(index=read, id="a", document=stored, version=2**21, version_type="external")
        index.rebuild(lambda done, total: None)
        assert client.get(index=read, id="a")["_source"]["extras"] == stored["extras"]
        assert client.count(index=read, query={"term": {"extras.newsroom.rating": "5"}})["count"] == 1
    assert index.get(["a"]) == [document("a")]


def test_a_missing_alias_is_not_created_as_an_index(
    elastic_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PATIENCE_S", 0.3)
    with pytest.raises(Unavailable, match="is not an alias"):
        open_index(elastic_settings).write([document("a")])
    with connect(elastic_settings) as client:
        assert not client.indices.exists(index=f"{elastic_settings.index_prefix}-*", allow_no_indices=False)


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_overload_is_waited_for(gate: Gate, gated: ElasticIndex, status: int) -> None:
    answers = iter([status, status])
    gate.verdict = lambda path, body: next(answers, None) if "_bulk" in path else None
    assert [w.status for w in gated.write([document("a"), document("b")])] == ["written", "written"]
    assert len(gate.seen) == 3


def test_a_long_overload_is_an_error(gate: Gate, gated: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PATIENCE_S", 0.5)
    gate.verdict = lambda path, body: 429 if "_bulk" in path else None
    with pytest.raises(Unavailable, match="takes no writes at present"):
        gated.write([document("a")])
    assert gated.get(["a"]) == [None]


def test_a_write_with_a_lost_answer_is_repeated_safely(gate: Gate, gated: ElasticIndex) -> None:
    """The document was written, but the answer is an error. The repeated write finds the same version."""
    lost = iter([True])

    def verdict(path: str, body: bytes) -> int | None:
        if "_bulk" not in path or not next(lost, False):
            return None
        headers = {"Content-Type": "application/x-ndjson"}
        urllib.request.urlopen(urllib.request.Request(gate.target + path, body, headers)).close()
        return 503

    gate.verdict = verdict
    assert [w.status for w in gated.write([document("a")])] == ["stale"]
    assert gated.get(["a"]) == [document("a")]


def test_writes_wait_while_the_index_is_blocked(index: ElasticIndex, elastic_settings: Settings) -> None:
    name = f"{elastic_settings.index_prefix}-articles-v1"
    with connect(elastic_settings) as client:
        client.indices.add_block(index=name, block="write")

        def unblock() -> None:
            time.sleep(0.5)
            client.indices.put_settings(index=name, settings={"index.blocks.write": None})

        assert "Writes are blocked" in index.check()
        thread = threading.Thread(target=unblock)
        thread.start()
        assert [w.status for w in index.write([document("a")])] == ["written"]
        thread.join()
    assert "blocked" not in index.check()


def test_requests_that_are_too_large_are_halved(gate: Gate, gated: ElasticIndex) -> None:
    gate.verdict = lambda path, body: 413 if "_bulk" in path and len(body) > 50_000 else None
    documents = [document(f"d{n}", "Story", "x" * 10_000) for n in range(12)]
    documents.insert(5, document("huge", "Story", "y " * 40_000))
    written = gated.write(documents)
    assert [w.id for w in written if w.status != "written"] == ["huge"]
    assert "more than Elasticsearch accepts" in str(written[5].reason)
    assert [d for d in gated.get([d.id for d in documents]) if d] == [d for d in documents if d.id != "huge"]


def test_a_rebuild_keeps_the_stored_document_if_the_renewed_one_is_refused(gate: Gate, gated: ElasticIndex) -> None:
    gate.verdict = lambda path, body: 413 if "_bulk" in path and len(body) > 50_000 else None
    small, grown = document("small", "Story", "x"), document("grown", "Story", "x")
    gated.write([small, grown])
    longer = {"small": document("small", "Story", "y"), "grown": document("grown", "Story", "y " * 40_000)}
    rebuilt = gated.rebuild(lambda done, total: None, lambda stood: [longer[d.id] for d in stood])
    assert rebuilt.documents == 2
    assert gated.get(["small", "grown"]) == [longer["small"], grown]


def test_large_batches_are_sent_in_parts(gate: Gate, gated: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MAX_BYTES", 30_000)
    documents = [document(f"d{n}", "Story", "x" * 10_000) for n in range(9)]
    assert {w.status for w in gated.write(documents)} == {"written"}
    assert len(gate.seen) > 3
    assert max(size for _, size in gate.seen) <= 31_000


def test_a_newer_mapping_is_refused(index: ElasticIndex, elastic_settings: Settings) -> None:
    name = f"{elastic_settings.index_prefix}-articles-v1"
    with connect(elastic_settings) as client:
        client.indices.put_mapping(index=name, meta={"version": 99})
    with pytest.raises(BadInput, match="newer Copydesk"):
        index.setup()


def test_an_older_mapping_gets_new_fields_and_a_note_about_a_rebuild(
    index: ElasticIndex, elastic_settings: Settings
) -> None:
    name = f"{elastic_settings.index_prefix}-articles-v1"
    index.write([document("a")])
    with connect(elastic_settings) as client:
        client.indices.put_mapping(index=name, meta={"version": 0})
    index.setup()
    [generation] = index.generations()
    assert "rebuild" in generation.note
    index.rebuild(lambda done, total: None)
    assert [g.note for g in index.generations() if g.is_current] == [""]


def test_an_index_without_its_aliases_is_not_touched(index: ElasticIndex, elastic_settings: Settings) -> None:
    index.write([replace(document("a"), version=7)])
    prefix = elastic_settings.index_prefix
    with connect(elastic_settings) as client:
        client.indices.delete_alias(index=f"{prefix}-articles-v1", name=f"{prefix}-articles-*")
        with pytest.raises(BadInput, match="Give it back the aliases"):
            index.setup()
        assert client.get(index=f"{prefix}-articles-v1", id="a")["_version"] == 7
