"""URLs that were taken down for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.model.catalog import Block
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore


class Blocklist:
    def __init__(self, document_store: DocumentStore) -> None:
        self._blocks = Collection(document_store, "blocks", Block, key=lambda b: b.id)

    def block(self, blocks: Sequence[Block]) -> None:
        self._blocks.put(blocks)

    def blocked(self, ids: Sequence[str]) -> set[str]:
        """Those of these rows that are blocked, as of now."""
        return self._blocks.present(ids)

    def all(self) -> Iterator[Block]:
        return self._blocks.all()

    def unblock(self, ids: Sequence[str]) -> int:
        """Returns how many were blocked."""
        return self._blocks.delete(ids)
