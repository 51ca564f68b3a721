"""The document store as an index of Elasticsearch, `<prefix>-catalog`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from worker.config.settings import Settings
from worker.storage.elasticsearch.client import Client
from worker.storage.elasticsearch.compare_and_set import Source, Versions
from worker.storage.elasticsearch.managed_index import ManagedIndex
from worker.storage.elasticsearch.scan import all_of, scan
from worker.storage.ports import Change, Decision, Put, StoredItem
from worker.storage.row_json import from_text, to_text


class ElasticDocumentStore:
    """An implementation of `ports.DocumentStore` on Elasticsearch.

    Refreshes before each list: the index is small and seldom changes.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._index = ManagedIndex(client, settings, "catalog")
        self._name = self._index.write_alias
        self._versions = Versions(client, self._name)

    def setup(self) -> None:
        """Implement `ports.DocumentStore.setup`."""
        self._index.setup()

    def get(self, collection: str, ids: Sequence[str]) -> list[StoredItem | None]:
        """Implement `ports.DocumentStore.get`."""
        keys = [_key(collection, id) for id in ids]
        return [_item(version.source) if version.source else None for version in self._versions.read(keys)]

    def change(self, collection: str, ids: Iterable[str], change: Change[StoredItem]) -> None:
        """Implement `ports.DocumentStore.change`."""
        by_key = {_key(collection, id): id for id in ids}

        def change_source(key: str, source: Source | None) -> Decision[Source]:
            decision = change(by_key[key], _item(source) if source else None)
            return Put(_source(collection, decision.value)) if isinstance(decision, Put) else decision

        self._versions.change(by_key, change_source)

    def all(self, collection: str) -> Iterator[StoredItem]:
        """Implement `ports.DocumentStore.all`."""
        return map(_item, self._list(collection, [], [{"id": "asc"}]))

    def is_empty(self, collection: str) -> bool:
        """Implement `ports.DocumentStore.is_empty`."""
        query = {"term": {"collection": collection}}
        answer = self._client.search(index=self._name, query=query, size=0, track_total_hits=1)
        return not answer["hits"]["total"]["value"]

    def refresh(self) -> None:
        """Implement `ports.DocumentStore.refresh`."""
        self._client.indices.refresh(index=self._name)

    def due(self, collection: str, now: datetime, limit: int) -> list[str]:
        """Implement `ports.DocumentStore.due`."""
        conditions = [{"range": {"due_at": {"lte": to_text(now)}}}]
        found = self._list(collection, conditions, [{"due_at": "asc"}, {"id": "asc"}], limit)
        return [source["id"] for source in found]

    def _list(
        self, collection: str, conditions: list[Any], sort: list[Any], limit: int | None = None
    ) -> Iterator[Source]:
        self.refresh()
        query = all_of({"term": {"collection": collection}}, *conditions)
        return (hit["_source"] for hit in scan(self._client, self._name, query=query, sort=sort, limit=limit))


def _key(collection: str, id: str) -> str:
    return f"{collection}/{id}"


def _item(source: Source) -> StoredItem:
    return StoredItem(id=source["id"], body=source["body"], due_at=from_text(source.get("due_at")))


def _source(collection: str, item: StoredItem) -> Source:
    due = {"due_at": to_text(item.due_at)} if item.due_at else {}
    return {"collection": collection, "id": item.id, "body": dict(item.body)} | due
