"""Sources, subscriptions, API keys, saved searches, blocks, furniture and revisions: one small class each, on any shelf
(`ports.Shelf`)."""

from __future__ import annotations

from dataclasses import dataclass

from worker.storing.catalog.api_keys import ApiKeys
from worker.storing.catalog.blocklist import Blocklist
from worker.storing.catalog.furniture import FurnitureCounts
from worker.storing.catalog.revisions import Revisions
from worker.storing.catalog.saved_searches import SavedSearches
from worker.storing.catalog.sources import Sources
from worker.storing.catalog.subscriptions import Subscriptions
from worker.storing.ports import Shelf

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
    def on(cls, shelf: Shelf) -> Catalog:
        return cls(
            sources=Sources(shelf),
            subscriptions=Subscriptions(shelf),
            api_keys=ApiKeys(shelf),
            saved_searches=SavedSearches(shelf),
            blocklist=Blocklist(shelf),
            furniture=FurnitureCounts(shelf),
            revisions=Revisions(shelf),
        )
