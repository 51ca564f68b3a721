"""Sources, subscriptions, API keys, saved searches, blocks, furniture and revisions: one small class each, on any shelf
(`ports.Shelf`)."""

from __future__ import annotations

from dataclasses import dataclass

from worker.storage.catalog.api_keys import ApiKeys
from worker.storage.catalog.blocklist import Blocklist
from worker.storage.catalog.furniture import FurnitureCounts
from worker.storage.catalog.revisions import Revisions
from worker.storage.catalog.saved_searches import SavedSearches
from worker.storage.catalog.sources import Sources
from worker.storage.catalog.subscriptions import Subscriptions
from worker.storage.ports import DocumentStore

__all__ = [
    "ApiKeys",
    "Blocklist",
    "Catalog",
    "FurnitureCounts",
    "Revisions",
    "SavedSearches",
    "Sources",
    "Subscriptions",
]


@dataclass(frozen=True, slots=True)
class Catalog:
    sources: Sources
    subscriptions: Subscriptions
    api_keys: ApiKeys
    saved_searches: SavedSearches
    blocklist: Blocklist
    furniture: FurnitureCounts
    revisions: Revisions

    @classmethod
    def on(cls, document_store: DocumentStore) -> Catalog:
        return cls(
            sources=Sources(document_store),
            subscriptions=Subscriptions(document_store),
            api_keys=ApiKeys(document_store),
            saved_searches=SavedSearches(document_store),
            blocklist=Blocklist(document_store),
            furniture=FurnitureCounts(document_store),
            revisions=Revisions(document_store),
        )
