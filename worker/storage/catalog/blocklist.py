"""The blocklist: URLs that were taken down and are never crawled again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.model.catalog import Block
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore


class Blocklist:
    """The blocked URLs, by the id of their canonical URL."""

    def __init__(self, document_store: DocumentStore) -> None:
        self._blocks = Collection(document_store, "blocks", Block, key=lambda b: b.id)

    def block(self, blocks: Sequence[Block]) -> None:
        """Block URLs."""
        self._blocks.put(blocks)

    def blocked(self, ids: Sequence[str]) -> set[str]:
        """Return those of these ids that are blocked. Reads in real time."""
        return self._blocks.existing(ids)

    def all(self) -> Iterator[Block]:
        """Yield all blocked URLs by id."""
        return self._blocks.all()

    def unblock(self, ids: Sequence[str]) -> int:
        """Unblock URLs. Return the number that were blocked."""
        return self._blocks.delete(ids)
