"""The article index in Elasticsearch, behind two aliases for reading and writing, so that it can be rebuilt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.query import Highlights
from worker.model.records import Document
from worker.search.service import Fields, RawResults, SearchRequest
from worker.search.spelling import KnownWord
from worker.search.validation import objection
from worker.storage.document_json import from_json, to_json
from worker.storage.elasticsearch.bulk import PATIENCE_S, Action, Answer, index_action, send
from worker.storage.elasticsearch.client import Client, Denied, describe, read_error
from worker.storage.elasticsearch.managed_index import BLOCKED, ManagedIndex
from worker.storage.elasticsearch.reindex import rebuild
from worker.storage.elasticsearch.scan import scan
from worker.storage.elasticsearch.search import Search, known_words, similar
from worker.storage.ports import Generation, RebuildResult, Renew, WriteResult

BATCH = 500  #: documents read by id with one request
UNBLOCK_S = 0.3  #: seconds for which a deletion from an unused generation is tried before that is unblocked again


class ElasticIndex:
    """An implementation of `ports.Index` on Elasticsearch."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._index = ManagedIndex(client, settings, "articles", ("-read", "-write"))
        self._read = self._index.read_alias
        self._write = self._index.write_alias

    def setup(self) -> None:
        """Implement `ports.Index.setup`."""
        self._index.setup()

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Implement `ports.Index.write`."""
        objections = [objection(d) for d in documents]
        accepted = [d for d, o in zip(documents, objections, strict=True) if o is None]
        answers = iter(send(self._client, self._write, [index_action(to_json(d), d.version) for d in accepted]))
        return [
            WriteResult(id=d.id, status="refused", reason=o) if o else _write_result(d.id, next(answers))
            for d, o in zip(documents, objections, strict=True)
        ]

    def get(self, ids: Sequence[str]) -> list[Document | None]:
        """Implement `ports.Index.get`."""
        found: dict[str, Document] = {}
        for part in (ids[i : i + BATCH] for i in range(0, len(ids), BATCH)):
            docs = self._client.mget(index=self._write, ids=list(part))["docs"]
            if error := next((d["error"] for d in docs if "error" in d), None):
                raise read_error(self._write, error)
            found |= {d["_id"]: from_json(d["_source"]) for d in docs if d["found"]}
        return [found.get(id) for id in ids]

    def find(self, request: SearchRequest) -> RawResults:
        """Implement `SearchBackend.find`."""
        return Search(self._client, self._read, request).page()

    def find_all(self, request: SearchRequest) -> Iterator[Fields]:
        """Implement `SearchBackend.find_all`."""
        return Search(self._client, self._read, request).all()

    def find_similar(self, id: str, size: int) -> RawResults:
        """Implement `SearchBackend.find_similar`."""
        document = self.get([id])[0]
        return similar(self._client, self._read, document, size) if document else RawResults(total=0)

    def known_words(self, words: Sequence[str], limit: int) -> Mapping[str, Sequence[KnownWord]]:
        """Implement `SearchBackend.known_words`."""
        return known_words(self._client, self._read, words, limit)

    def highlight(self, request: SearchRequest, languages: Mapping[str, str | None]) -> Mapping[str, Highlights]:
        """Implement `SearchBackend.highlight`."""
        return Search(self._client, self._read, request).highlight(languages)

    def delete(self, ids: Sequence[str]) -> int:
        """Implement `ports.Index.delete`."""
        actions = [Action("delete", id, {}) for id in dict.fromkeys(ids)]
        answers = send(self._client, self._write, actions)
        if actions:
            self._delete_from_unused(actions)
        return sum(answer.result == "deleted" for answer in answers)

    def _delete_from_unused(self, actions: Sequence[Action]) -> None:
        """Delete from the other generations too: a takedown must not leave a copy in one from before a rebuild."""
        current = self._index.current().number
        for generation in self._index.unused():
            try:
                self._unblock_and_send(generation.name, actions)
                self._client.indices.refresh(index=generation.name)
            finally:
                if generation.number < current:  # a later generation is being filled by a rebuild and must stay open
                    self._index.block(generation.name)

    def _unblock_and_send(self, name: str, actions: Sequence[Action]) -> None:
        """Send the deletions, and unblock before each attempt: another deletion may have blocked the index again."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self._index.unblock(name)
            try:
                send(self._client, name, actions, is_alias=False, patience_s=UNBLOCK_S)
                return
            except Denied:
                raise
            except Unavailable:
                if time.monotonic() > deadline:
                    raise

    def ids(self) -> Iterator[str]:
        """Implement `ports.Index.ids`."""
        return (hit["_id"] for hit in scan(self._client, self._read, sort=["id"], source=False))

    def count(self) -> int:
        """Implement `ports.Index.count`."""
        return int(self._client.count(index=self._read)["count"])

    def refresh(self) -> None:
        """Implement `ports.Index.refresh`."""
        self._client.indices.refresh(index=self._write)

    def check(self) -> str:
        """Implement `ports.Index.check`."""
        current = self._index.current()
        note = f". {BLOCKED}" if current.is_blocked else ""
        return f"{describe(self._client)}, {self.count()} articles in {current.name}{note}"

    def generations(self) -> list[Generation]:
        """Implement `ports.Index.generations`."""
        return self._index.generations()

    def rebuild(self, progress: Callable[[int, int], None], renew: Renew | None = None) -> RebuildResult:
        """Implement `ports.Index.rebuild`."""
        return rebuild(self._client, self._index, progress, renew)

    def drop(self) -> list[str]:
        """Implement `ports.Index.drop`."""
        return self._index.drop()


def _write_result(id: str, answer: Answer) -> WriteResult:
    if answer.status in (200, 201):
        return WriteResult(id=id, status="written")
    if answer.status == 409:
        return WriteResult(id=id, status="stale")
    return WriteResult(id=id, status="refused", reason=answer.reason)
