"""The ledger as an index of Elasticsearch, `<prefix>-ledger`, in which Kibana can look too.

Rows change by compare-and-set: each is read in real time with its sequence number and written only if that still holds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.errors import CopydeskError, Unavailable
from worker.records import Outcome, Row, State
from worker.settings import Settings
from worker.storing import rows
from worker.storing.elastic import indices
from worker.storing.elastic.client import UNAVAILABLE, Client
from worker.storing.ledger import Change, RowChanges

BATCH = 500  #: rows read and written at once
PAGE = 1000  #: rows that a search brings at once
ROUNDS = 60  #: tries to win a row that others change at the same time
KEEP_ALIVE = "10m"  #: how long a scan may rest between two pages


@dataclass(frozen=True, slots=True)
class Version:
    """A row as it was read, with the number that says whether it has changed since."""

    id: str
    row: Row | None = None
    seq_no: int | None = None
    primary_term: int | None = None

    def write(self, row: Row) -> list[dict[str, Any]]:
        """The lines of a bulk request that replace exactly this version."""
        fields = {name: value for name, value in rows.to_dict(row).items() if value is not None}
        if self.row is None:
            return [{"create": {"_id": self.id}}, fields]
        return [{"index": self._condition()}, fields]

    def delete(self) -> list[dict[str, Any]]:
        return [{"delete": self._condition()}]

    def _condition(self) -> dict[str, Any]:
        return {"_id": self.id, "if_seq_no": self.seq_no, "if_primary_term": self.primary_term}


class ElasticLedger(RowChanges):
    """`ports.Ledger` on Elasticsearch."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        # A write that is sent again after its answer was lost would meet itself and look like a rival's.
        self._write_once = client.options(max_retries=0)
        self._settings = settings
        self._name = f"{settings.index_prefix}-ledger"

    def setup(self) -> None:
        indices.ensure(self._client, self._name, "ledger", self._settings)

    def get(self, ids: Sequence[str]) -> list[Row | None]:
        found = {v.id: v.row for v in self._read(ids)}
        return [found[id] for id in ids]

    def _change(self, ids: Iterable[str], change: Change) -> None:
        def plan(version: Version) -> list[dict[str, Any]]:
            row = change(version.id, version.row)
            return version.write(row) if row else []

        self._write(ids, plan)

    def delete(self, ids: Sequence[str]) -> int:
        dropped: dict[str, bool] = {}

        def plan(version: Version) -> list[dict[str, Any]]:
            dropped[version.id] = rows.is_droppable(version.row)
            return version.delete() if dropped[version.id] else []

        self._write(ids, plan)
        return sum(dropped.values())

    def waiting(self, before: datetime, limit: int) -> list[Row]:
        conditions = [{"term": {"state": State.QUEUED}}, {"range": {"queued_at": {"lt": rows.to_text(before)}}}]
        seen = self._search(conditions, [{"queued_at": "asc"}, {"id": "asc"}], limit)
        current = self.get([row.id for row in seen])
        return [r for r in current if r and r.state is State.QUEUED and r.queued_at and r.queued_at < before]

    def counts(self) -> Mapping[str, int]:
        return rows.tally(self._groups())

    def rows(
        self,
        *,
        state: State | None = None,
        outcomes: Sequence[Outcome] = (),
        host: str | None = None,
        reason: str | None = None,
        limit: int = 100,
    ) -> list[Row]:
        wanted = {"state": [state], "outcome": outcomes, "host": [host], "reason": [reason]}
        conditions = [{"terms": {field: list(values)}} for field, values in wanted.items() if any(values)]
        return list(self._search(conditions, [{"changed_at": "desc"}, {"id": "asc"}], limit))

    def scan(self) -> Iterator[Row]:
        return self._search([], [{"id": "asc"}])

    def refresh(self) -> None:
        self._client.indices.refresh(index=self._name)

    def _read(self, ids: Sequence[str]) -> Iterator[Version]:
        """Each row as it stands now, whether searches see it yet or not."""
        for start in range(0, len(ids), BATCH):
            for doc in self._client.mget(index=self._name, ids=ids[start : start + BATCH])["docs"]:
                if "error" in doc:
                    raise Unavailable(f"cannot read row {doc['_id']}: {doc['error']['reason']}")
                if doc["found"]:
                    yield Version(doc["_id"], rows.from_dict(doc["_source"]), doc["_seq_no"], doc["_primary_term"])
                else:
                    yield Version(doc["_id"])

    def _write(self, ids: Iterable[str], plan: Callable[[Version], list[dict[str, Any]]]) -> None:
        """Read rows and send what `plan` makes of them, until no other writer comes between."""
        pending = list(dict.fromkeys(ids))
        for round in range(ROUNDS):
            lost: list[str] = []
            for start in range(0, len(pending), BATCH):
                versions = self._read(pending[start : start + BATCH])
                lost += self._bulk([line for version in versions for line in plan(version)])
            if not lost:
                return
            pending = lost
            time.sleep(random.uniform(0, 0.005 * min(round + 1, 20)))  # noqa: S311 - so that rivals fall out of step
        raise Unavailable(f"{len(pending)} rows of the ledger are changed by others all the time; try again later")

    def _bulk(self, operations: list[dict[str, Any]]) -> list[str]:
        """Write and sync; the ids of rows that another writer has changed first."""
        if not operations:
            return []
        answer = self._write_once.bulk(index=self._name, operations=operations, require_alias=True)
        items = [result for item in answer["items"] for result in item.values()]
        for item in items:
            if "error" in item and item["status"] != 409:
                unavailable = item["status"] in (404, *UNAVAILABLE)
                complaint = f"Elasticsearch did not write row {item['_id']}: {item['error']['reason']}"
                raise Unavailable(complaint) if unavailable else CopydeskError(complaint)
        return [item["_id"] for item in items if item["status"] == 409]

    def _search(self, conditions: Sequence[Any], sort: Sequence[Any], limit: int | None = None) -> Iterator[Row]:
        """Rows as the last refresh showed them when this began, all of them or `limit`."""
        pit = self._client.open_point_in_time(index=self._name, keep_alive=KEEP_ALIVE)["id"]
        query = {"bool": {"filter": list(conditions)}}
        after, left = None, limit
        try:
            while left is None or left > 0:
                size = PAGE if left is None else min(PAGE, left)
                answer = self._client.search(
                    pit={"id": pit, "keep_alive": KEEP_ALIVE},
                    query=query,
                    sort=sort,
                    size=size,
                    search_after=after,
                    track_total_hits=False,
                )
                hits = answer["hits"]["hits"]
                yield from (rows.from_dict(hit["_source"]) for hit in hits)
                if len(hits) < size:
                    return
                after, left = hits[-1]["sort"], None if left is None else left - size
        finally:
            self._client.close_point_in_time(id=pit)

    def _groups(self) -> Iterator[tuple[str, str | None, str | None, int]]:
        """Number of rows by state, outcome and reason, exact over all shards."""
        keys = [{name: {"terms": {"field": name, "missing_bucket": True}}} for name in ("state", "outcome", "reason")]
        after: dict[str, Any] = {}
        while True:
            groups = {"composite": {"sources": keys, "size": PAGE} | ({"after": after} if after else {})}
            found = self._client.search(index=self._name, size=0, aggs={"groups": groups})["aggregations"]["groups"]
            for bucket in found["buckets"]:
                key = bucket["key"]
                yield key["state"], key["outcome"], key["reason"], bucket["doc_count"]
            if "after_key" not in found:
                return
            after = found["after_key"]
