"""A new generation of the articles' index from the one before, while searches and writes go on.

Every document is copied; then, again and again, those that were written since, which Elasticsearch's sequence numbers
tell; when few are left, writes are blocked (writers wait and try again, see bulk.py), the last are copied, the counts
compared, and both aliases swapped in one step. Searches never wait. The old index stays, closed to writes, until it is
dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from worker.errors import Unavailable
from worker.model.records import Document
from worker.storage.document_json import from_json, to_json
from worker.storage.elasticsearch.bulk import Action, index_action, send
from worker.storage.elasticsearch.client import Client
from worker.storage.elasticsearch.index_generations import Found, Generations, filling
from worker.storage.ports import RebuildResult, Renew

PAGE = 500
FEW = 200  #: documents written since the last round, below which the end is near
ROUNDS = 20  #: of catching up, before writers are paused anyway
KEEP_ALIVE = "5m"
PATIENCE_S = 5.0  #: how long Elasticsearch may take to forget that a document was deleted

Progress = Callable[[int, int], None]
Hit = dict[str, Any]


def rebuild(client: Client, generations: Generations, progress: Progress, renew: Renew | None = None) -> RebuildResult:
    """Until the aliases lead to the new index. On any failure they stay, writes go on, and the new index is deleted."""
    began = time.monotonic()
    old = generations.current()
    generations.block(old.name, False)  # a rebuild that was broken off leaves it behind
    new = generations.create_next()
    try:
        copy = _Copy(client, old, new, progress, renew)
        for _ in range(ROUNDS):
            if copy.catch_up() < FEW:
                break
        copy.remove_deleted()
        generations.finish(new)
        paused = time.monotonic()
        generations.block(old.name, True)
        copy.catch_up()
        copy.remove_deleted()
        documents = copy.compare()
        generations.swap(old.name, new)
    except BaseException:
        if generations.current().name == old.name:
            generations.block(old.name, False)
        client.options(ignore_status=404).indices.delete(index=new)
        raise
    ended = time.monotonic()
    return RebuildResult(
        name=new, previous=old.name, documents=documents, elapsed_s=ended - began, paused_s=ended - paused
    )


class _Copy:
    def __init__(self, client: Client, old: Found, new: str, progress: Progress, renew: Renew | None) -> None:
        self._client = client
        self._old = old.name
        self._new = new
        self._seen = dict.fromkeys(range(old.shards), -1)  #: shard -> the last sequence number copied
        self._progress = progress
        self._renew = renew
        self._copied = 0

    def catch_up(self) -> int:
        """Copy what was written since the last time. Returns how many documents that were."""
        self._client.indices.refresh(index=self._old)
        total = self._count(self._old)
        before = self._copied
        for shard in self._seen:
            for hits in self._pages(shard):
                self._write(hits)
                self._copied += len(hits)
                self._seen[shard] = hits[-1]["_seq_no"]
                self._progress(min(self._copied, total), total)
        return self._copied - before

    def remove_deleted(self) -> None:
        """Delete from the new what has been deleted from the old after it was copied."""
        for index in (self._old, self._new):
            self._client.indices.refresh(index=index)
        if self._count(self._new) == self._count(self._old):
            return
        for ids in _parts(self._ids(self._new)):
            there = self._client.mget(index=self._old, ids=ids, source=False)["docs"]
            if any("error" in d for d in there):
                raise Unavailable(f"not every shard of {self._old} can be read; nothing was changed, try again")
            gone = [Action("delete", d["_id"], {}) for d in there if not d["found"]]
            send(self._client, filling(self._new), gone)
        self._client.indices.refresh(index=self._new)

    def compare(self) -> int:
        """The number of documents in both. `Unavailable` if they differ: then nothing is swapped."""
        old, new = self._count(self._old), self._count(self._new)
        if old != new:
            raise Unavailable(f"{self._old} has {old} documents, its copy {new}; nothing was changed, try again")
        return new

    def _pages(self, shard: int) -> Iterator[list[Hit]]:
        """The documents of a shard that changed since it was last seen, by sequence number, from one snapshot."""
        pit = self._client.open_point_in_time(
            index=self._old, keep_alive=KEEP_ALIVE, preference=f"_shards:{shard}"
        )["id"]  # fmt: skip
        body: dict[str, Any] = {
            "query": {"range": {"_seq_no": {"gt": self._seen[shard]}}},
            "sort": ["_seq_no"],
            "size": PAGE,
            "version": True,
            "seq_no_primary_term": True,
            "track_total_hits": False,
        }
        try:
            while True:
                response = self._client.search(**body, pit={"id": pit, "keep_alive": KEEP_ALIVE})
                pit, hits = response["pit_id"], response["hits"]["hits"]
                if hits:
                    yield hits
                if len(hits) < PAGE:
                    return
                body["search_after"] = hits[-1]["sort"]
        finally:
            self._client.options(ignore_status=404).close_point_in_time(id=pit)

    def _write(self, hits: Sequence[Hit]) -> None:
        """Renewed; as it stood where Elasticsearch refuses that."""
        stood = [from_json(hit["_source"]) for hit in hits]
        refused = self._file(list(map(_action, hits, self._renew(stood) if self._renew else stood)))
        if refused and self._renew:
            copies = [_action(hit, d) for hit, d in zip(hits, stood, strict=True) if d.id in refused]
            refused = self._file(copies)
        if refused:
            raise Unavailable(f"a document of {self._old} cannot be filed anew: {next(iter(refused.values()))}")

    def _file(self, actions: Sequence[Action]) -> dict[str, str]:
        """Returns why Elasticsearch refuses some, by id."""
        deadline, refused = time.monotonic() + PATIENCE_S, dict[str, str]()
        while actions:
            answers = send(self._client, filling(self._new), actions)
            refused |= {a.id: str(r.reason) for a, r in zip(actions, answers, strict=True) if r.status in (400, 413)}
            actions = [a for a, answer in zip(actions, answers, strict=True) if answer.status == 409]
            if actions and time.monotonic() > deadline:
                raise Unavailable(f"{len(actions)} documents of {self._old} would not replace their older copies")
            # Deleted and filed again with a lower version since it was copied: the old index is always right.
            send(self._client, filling(self._new), [Action("delete", a.id, {}) for a in actions])
        return refused

    def _ids(self, index: str) -> Iterator[str]:
        body: dict[str, Any] = {"index": index, "sort": ["id"], "size": 5000, "source": False}
        while hits := self._client.search(**body)["hits"]["hits"]:
            yield from (h["_id"] for h in hits)
            body["search_after"] = hits[-1]["sort"]

    def _count(self, index: str) -> int:
        return int(self._client.count(index=index)["count"])


def _action(hit: Hit, document: Document) -> Action:
    """A document as this version of Copydesk files it; what it does not know stays where unknown things belong."""
    stored = hit["_source"]
    extras = {"extras": stored["extras"]} if "extras" in stored else {}
    return index_action(to_json(document) | extras, max(hit["_version"], document.version))


def _parts(ids: Iterator[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for id in ids:
        part.append(id)
        if len(part) == PAGE:
            yield part
            part = []
    if part:
        yield part
