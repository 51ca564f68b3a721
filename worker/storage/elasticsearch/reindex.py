"""The rebuild: a new generation of the article index from the current one, while searches and writes continue.

1. Every document is copied. Then the documents that were written since are copied, again and again; Elasticsearch's
   sequence numbers identify them.
2. When few are left, writes are blocked (writers wait and try again, see `bulk`) and the last ones are copied.
3. The counts are compared, and both aliases move to the new index in one step.

Searches never wait. The old index stays, closed to writes, until it is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from worker.errors import Unavailable
from worker.model.records import Document
from worker.storage.document_json import from_json, to_json
from worker.storage.elasticsearch.bulk import Action, index_action, send
from worker.storage.elasticsearch.client import Client
from worker.storage.elasticsearch.managed_index import ManagedIndex, PhysicalIndex, filling_alias
from worker.storage.elasticsearch.scan import Hit, scan, scan_pages
from worker.storage.ports import RebuildResult, Renew

PAGE = 500
FEW = 200  #: documents written since the last round, below which writes are blocked for the last round
ROUNDS = 20  #: rounds of copying, after which writes are blocked in any case
PATIENCE_S = 5.0  #: seconds in which Elasticsearch has to forget that a document was deleted

Progress = Callable[[int, int], None]


def rebuild(client: Client, index: ManagedIndex, progress: Progress, renew: Renew | None = None) -> RebuildResult:
    """Fill the next generation and move the aliases to it. On a failure, delete it and leave everything as it was."""
    began = time.monotonic()
    old = index.current()
    index.unblock(old.name)  # an interrupted rebuild leaves writes to it blocked
    new = index.create_next()
    try:
        copier = _Copier(client, old, new, progress, renew)
        for _ in range(ROUNDS):
            if copier.catch_up() < FEW:
                break
        copier.remove_deleted()
        index.finish_loading(new)
        paused = time.monotonic()
        index.block(old.name)
        copier.catch_up()
        copier.remove_deleted()
        documents = copier.compare()
        index.swap(old.name, new)
    except BaseException:
        if index.current().name == old.name:
            index.unblock(old.name)
        client.options(ignore_status=404).indices.delete(index=new)
        raise
    ended = time.monotonic()
    return RebuildResult(
        name=new, previous=old.name, documents=documents, elapsed_s=ended - began, paused_s=ended - paused
    )


class _Copier:
    def __init__(self, client: Client, old: PhysicalIndex, new: str, progress: Progress, renew: Renew | None) -> None:
        self._client = client
        self._old = old.name
        self._new = new
        self._copied_up_to = dict.fromkeys(range(old.shards), -1)  #: shard -> the last sequence number copied
        self._progress = progress
        self._renew = renew
        self._copied = 0

    def catch_up(self) -> int:
        """Copy the documents that were written since the last call. Return their number."""
        self._client.indices.refresh(index=self._old)
        total = self._count(self._old)
        before = self._copied
        for shard in self._copied_up_to:
            for hits in self._changed_pages(shard):
                self._write(hits)
                self._copied += len(hits)
                self._copied_up_to[shard] = hits[-1]["_seq_no"]
                self._progress(min(self._copied, total), total)
        return self._copied - before

    def remove_deleted(self) -> None:
        """Delete from the new index the documents that were deleted from the old one after they were copied."""
        for index in (self._old, self._new):
            self._client.indices.refresh(index=index)
        if self._count(self._new) == self._count(self._old):
            return
        copied = (hit["_id"] for hit in scan(self._client, self._new, sort=["id"], source=False))
        for ids in _batches(copied):
            docs = self._client.mget(index=self._old, ids=ids, source=False)["docs"]
            if any("error" in d for d in docs):
                raise Unavailable(f"Cannot read every shard of {self._old}. Nothing was changed; try again.")
            gone = [Action("delete", d["_id"], {}) for d in docs if not d["found"]]
            send(self._client, filling_alias(self._new), gone)
        self._client.indices.refresh(index=self._new)

    def compare(self) -> int:
        """Return the number of documents in both indices. Raise `Unavailable` if they differ."""
        old, new = self._count(self._old), self._count(self._new)
        if old != new:
            raise Unavailable(f"{self._old} has {old} documents, its copy {new}. Nothing was changed; try again.")
        return new

    def _changed_pages(self, shard: int) -> Iterator[list[Hit]]:
        """Yield the documents of a shard that changed since they were copied, by sequence number."""
        return scan_pages(
            self._client,
            self._old,
            query={"range": {"_seq_no": {"gt": self._copied_up_to[shard]}}},
            sort=["_seq_no"],
            size=PAGE,
            preference=f"_shards:{shard}",
            version=True,
            seq_no_primary_term=True,
        )

    def _write(self, hits: Sequence[Hit]) -> None:
        """Write renewed documents, and the stored one where Elasticsearch refuses the renewed one."""
        stored = [from_json(hit["_source"]) for hit in hits]
        refused = self._send(list(map(_action, hits, self._renew(stored) if self._renew else stored)))
        if refused and self._renew:
            copies = [_action(hit, d) for hit, d in zip(hits, stored, strict=True) if d.id in refused]
            refused = self._send(copies)
        if refused:
            id, reason = next(iter(refused.items()))
            raise Unavailable(f"Elasticsearch refuses the document {id} of {self._old} in the new index: {reason}")

    def _send(self, actions: Sequence[Action]) -> dict[str, str]:
        """Write documents. Return the reasons of the refused ones, by id."""
        deadline, refused = time.monotonic() + PATIENCE_S, dict[str, str]()
        while actions:
            answers = send(self._client, filling_alias(self._new), actions)
            refused |= {a.id: str(r.reason) for a, r in zip(actions, answers, strict=True) if r.status in (400, 413)}
            actions = [a for a, answer in zip(actions, answers, strict=True) if answer.status == 409]
            if actions and time.monotonic() > deadline:
                raise Unavailable(
                    f"{len(actions)} documents of {self._old} do not replace their older copies. Try again."
                )
            # They were deleted after the copy and then written with a lower version. The old index is right.
            send(self._client, filling_alias(self._new), [Action("delete", a.id, {}) for a in actions])
        return refused

    def _count(self, index: str) -> int:
        return int(self._client.count(index=index)["count"])


def _action(hit: Hit, document: Document) -> Action:
    """Return the write of a document in today's form. `extras`, which Copydesk does not know, are kept."""
    stored = hit["_source"]
    extras = {"extras": stored["extras"]} if "extras" in stored else {}
    return index_action(to_json(document) | extras, max(hit["_version"], document.version))


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(ids)
    while batch := list(islice(iterator, PAGE)):
        yield batch
