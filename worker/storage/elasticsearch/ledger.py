"""The ledger as an index of Elasticsearch, `<prefix>-ledger`, which Kibana can show too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from worker.config.settings import Settings
from worker.model.records import Outcome, Row, State
from worker.storage import row_json, row_transitions
from worker.storage.elasticsearch.client import Client
from worker.storage.elasticsearch.compare_and_set import BATCH, Source, Versions
from worker.storage.elasticsearch.managed_index import ManagedIndex
from worker.storage.elasticsearch.scan import PAGE, all_of, any_of, scan
from worker.storage.elasticsearch.search_request import host_clause
from worker.storage.ledger_base import LedgerBase
from worker.storage.ports import KEEP, Change, Decision, Put
from worker.storage.row_json import FORMER_FINISHED, FORMER_FINISHED_AT


class ElasticLedger(LedgerBase):
    """An implementation of `ports.Ledger` on Elasticsearch."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._index = ManagedIndex(client, settings, "ledger")
        self._name = self._index.write_alias
        self._versions = Versions(client, self._name)

    def setup(self) -> None:
        """Implement `ports.Ledger.setup`. Rows of Copydesk 0.1 are written again with today's names."""
        self._index.setup()
        self.refresh()
        former = [{"term": {"state": FORMER_FINISHED}}, {"exists": {"field": FORMER_FINISHED_AT}}]
        ids = (hit["_id"] for hit in scan(self._client, self._name, query=any_of(*former), sort=["id"], source=False))
        while batch := list(islice(ids, BATCH)):
            self._change(batch, lambda _, row: Put(row) if row else KEEP)

    def get(self, ids: Sequence[str]) -> list[Row | None]:
        """Implement `ports.Ledger.get`."""
        return [_row(version.source) for version in self._versions.read(ids)]

    def _change(self, ids: Iterable[str], change: Change[Row]) -> None:
        def change_source(id: str, source: Source | None) -> Decision[Source]:
            decision = change(id, _row(source))
            return Put(_source(decision.value)) if isinstance(decision, Put) else decision

        self._versions.change(ids, change_source)

    def waiting(self, before: datetime, limit: int, after: Row | None = None) -> list[Row]:
        """Implement `ports.Ledger.waiting`."""
        conditions = [_is_in(State.QUEUED), {"range": {"queued_at": {"lt": row_json.to_text(before)}}}]
        if after:
            time = row_json.to_text(after.queued_at)
            same = all_of({"term": {"queued_at": time}}, {"range": {"id": {"gt": after.id}}})
            conditions.append({"bool": {"should": [{"range": {"queued_at": {"gt": time}}}, same]}})
        sources = self._sources(conditions, [{"queued_at": "asc"}, {"id": "asc"}])
        return self._confirmed(
            sources, limit, lambda r: r.state is State.QUEUED and bool(r.queued_at and r.queued_at < before)
        )

    def due(self, now: datetime, limit: int) -> list[Row]:
        """Implement `ports.Ledger.due`."""
        conditions = [_is_in(State.FINISHED), {"range": {"next_crawl_at": {"lte": row_json.to_text(now)}}}]
        sources = self._sources(conditions, [{"next_crawl_at": "asc"}, {"id": "asc"}])
        return self._confirmed(
            sources, limit, lambda r: r.state is State.FINISHED and bool(r.next_crawl_at and r.next_crawl_at <= now)
        )

    def aged(self, before: datetime, limit: int) -> list[Row]:
        """Implement `ports.Ledger.aged`."""
        conditions = [
            _is_in(State.FINISHED),
            {"exists": {"field": "article_id"}},
            {"range": {"first_seen_at": {"lt": row_json.to_text(before)}}},
        ]
        sources = self._sources(conditions, [{"first_seen_at": "asc"}, {"id": "asc"}])
        own = (source for source in sources if source["article_id"] == source["id"])
        return self._confirmed(own, limit, lambda r: row_transitions.is_aged(r, before))

    def _sources(self, conditions: Sequence[Any], sort: Any, limit: int | None = None) -> Iterator[Source]:
        hits = scan(self._client, self._name, query=all_of(*conditions), sort=sort, limit=limit)
        return (hit["_source"] for hit in hits)

    def _confirmed(self, sources: Iterator[Source], limit: int, holds: Callable[[Row], bool]) -> list[Row]:
        """Return up to `limit` rows that meet the condition in real time.

        A row that changed since the last refresh is replaced by the next one, so that fewer than `limit` rows always
        means the end.
        """
        found: list[Row] = []
        while some := list(islice(sources, limit - len(found))):
            found += [r for r in self.get([source["id"] for source in some]) if r and holds(r)]
        return found

    def counts(self) -> Mapping[str, int]:
        """Implement `ports.Ledger.counts`."""
        return row_transitions.tally(self._groups())

    def failing(self, limit: int) -> list[tuple[str, str, int]]:
        """Implement `ports.Ledger.failing`."""
        failed = all_of(_is_in(State.FINISHED), {"term": {"outcome": Outcome.FAILED}})
        by_reason = {"reasons": {"terms": {"field": "reason", "size": limit}}}
        by_host = {"hosts": {"terms": {"field": "host", "size": limit}, "aggs": by_reason}}
        answer = self._client.search(index=self._name, query=failed, size=0, aggs=by_host)
        groups = (
            (host["key"], reason["key"], reason["doc_count"])
            for host in answer["aggregations"]["hosts"]["buckets"]
            for reason in host["reasons"]["buckets"]
        )
        return sorted(groups, key=lambda g: (-g[2], g[0], g[1]))[:limit]

    def rows(
        self,
        *,
        state: State | None = None,
        outcomes: Sequence[Outcome] = (),
        host: str | None = None,
        reason: str | None = None,
        article_id: str | None = None,
        limit: int = 100,
    ) -> list[Row]:
        """Implement `ports.Ledger.rows`."""
        wanted = {"state": [state], "outcome": outcomes, "reason": [reason], "article_id": [article_id]}
        conditions: list[dict[str, Any]] = [{"terms": {f: list(values)}} for f, values in wanted.items() if any(values)]
        conditions += [host_clause([host])] if host is not None else []
        sources = self._sources(conditions, [{"changed_at": "desc"}, {"id": "asc"}], limit)
        return [row_json.from_dict(source) for source in sources]

    def scan(self) -> Iterator[Row]:
        """Implement `ports.Ledger.scan`."""
        return map(row_json.from_dict, self._sources([], [{"id": "asc"}]))

    def refresh(self) -> None:
        """Implement `ports.Ledger.refresh`."""
        self._client.indices.refresh(index=self._name)

    def _groups(self) -> Iterator[tuple[str, str | None, str | None, int]]:
        """Yield the exact number of rows by state, outcome and reason, over all shards."""
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


def _is_in(state: State) -> dict[str, Any]:
    return {"term": {"state": state}}


def _row(source: Source | None) -> Row | None:
    return row_json.from_dict(source) if source is not None else None


def _source(row: Row) -> Source:
    return {name: value for name, value in row_json.to_dict(row).items() if value is not None}
