"""The articles in Elasticsearch: written through one alias, found through another, so that an index can be rebuilt
behind them (see rebuilding.py)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.query import Query, Results
from worker.model.records import Document
from worker.search.validation import check_query, objection
from worker.storage.document_json import from_json, to_json
from worker.storage.elasticsearch.bulk import PATIENCE_S, Action, Answer, index_action, send
from worker.storage.elasticsearch.client import Client, Denied, describe
from worker.storage.elasticsearch.index_generations import BROKEN_OFF, Generations
from worker.storage.elasticsearch.reindex import rebuild
from worker.storage.elasticsearch.search import Search, similar
from worker.storage.ports import Generation, RebuildResult, Renew, WriteResult

BATCH = 500  #: documents read by id at once
PAGE = 5000  #: ids that a search brings at once
OPEN_S = 0.3  #: for which a deletion is tried from a kept generation before that is opened again
KEEP_ALIVE = "10m"  #: how long a walk over the ids may rest between two pages


class ElasticIndex:
    """`ports.Index` on Elasticsearch."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._generations = Generations(client, settings)
        self._read = self._generations.read_alias
        self._write = self._generations.write_alias

    def setup(self) -> None:
        self._generations.setup()

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        objections = [objection(d) for d in documents]
        sound = [d for d, o in zip(documents, objections, strict=True) if o is None]
        answers = iter(send(self._client, self._write, [index_action(to_json(d), d.version) for d in sound]))
        return [
            WriteResult(id=d.id, status="refused", reason=o) if o else _written(d.id, next(answers))
            for d, o in zip(documents, objections, strict=True)
        ]

    def get(self, ids: Sequence[str]) -> list[Document | None]:
        found: dict[str, Document] = {}
        for part in (ids[i : i + BATCH] for i in range(0, len(ids), BATCH)):
            docs = self._client.mget(index=self._write, ids=list(part))["docs"]
            if error := next((d["error"]["reason"] for d in docs if "error" in d), None):
                raise Unavailable(f"cannot read articles of {self._write}: {error}")
            found |= {d["_id"]: from_json(d["_source"]) for d in docs if d["found"]}
        return [found.get(id) for id in ids]

    def search(self, query: Query) -> Results:
        check_query(query)
        return Search(self._client, self._read, query).results()

    def similar(self, id: str, size: int) -> Results:
        check_query(Query(size=size))
        document = self.get([id])[0]
        return similar(self._client, self._read, document, size) if document else Results(total=0, hits=())

    def export(self, query: Query) -> Iterator[Document]:
        check_query(query)
        yield from Search(self._client, self._read, query).export()

    def delete(self, ids: Sequence[str]) -> int:
        actions = [Action("delete", id, {}) for id in dict.fromkeys(ids)]
        answers = send(self._client, self._write, actions)
        if actions:
            self._delete_from_unused(actions)
        return sum(answer.result == "deleted" for answer in answers)

    def _delete_from_unused(self, actions: Sequence[Action]) -> None:
        """What is taken down must not lie about in an index from before a rebuild either, nor in one that a rebuild
        left when it was killed."""
        current = self._generations.current().number
        for generation in self._generations.unused():
            try:
                self._open_and_send(generation.name, actions)
                self._client.indices.refresh(index=generation.name)
            finally:
                if generation.number < current:  # a later one is being filled
                    self._generations.block(generation.name, True)

    def _open_and_send(self, name: str, actions: Sequence[Action]) -> None:
        """Open it again with each try: another who deletes from it may have closed it meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self._generations.block(name, False)
            try:
                send(self._client, name, actions, is_alias=False, patience_s=OPEN_S)
                return
            except Denied:
                raise
            except Unavailable:
                if time.monotonic() > deadline:
                    raise

    def ids(self) -> Iterator[str]:
        pit = self._client.open_point_in_time(index=self._read, keep_alive=KEEP_ALIVE)["id"]
        body: dict[str, Any] = {"sort": ["id"], "size": PAGE, "_source": False, "track_total_hits": False}
        try:
            while True:
                response = self._client.search(**body, pit={"id": pit, "keep_alive": KEEP_ALIVE})
                pit, hits = response["pit_id"], response["hits"]["hits"]
                yield from (h["_id"] for h in hits)
                if len(hits) < PAGE:
                    return
                body["search_after"] = hits[-1]["sort"]
        finally:
            self._client.options(ignore_status=404).close_point_in_time(id=pit)

    def count(self) -> int:
        return int(self._client.count(index=self._read)["count"])

    def refresh(self) -> None:
        self._client.indices.refresh(index=self._write)

    def check(self) -> str:
        current = self._generations.current()
        note = f"; {BROKEN_OFF}" if current.is_blocked else ""
        return f"{describe(self._client)}, {self.count()} articles in {current.name}{note}"

    def generations(self) -> list[Generation]:
        return self._generations.all()

    def rebuild(self, progress: Callable[[int, int], None], renew: Renew | None = None) -> RebuildResult:
        return rebuild(self._client, self._generations, progress, renew)

    def drop(self) -> list[str]:
        return self._generations.drop()


def _written(id: str, answer: Answer) -> WriteResult:
    if answer.status in (200, 201):
        return WriteResult(id=id, status="written")
    if answer.status == 409:
        return WriteResult(id=id, status="stale")
    return WriteResult(id=id, status="refused", reason=answer.reason)
