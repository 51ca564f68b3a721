"""The catalog: small records beside the articles and the ledger, kept in a document store (`ports.DocumentStore`).

Sources, WebSub subscriptions, API keys, saved searches, blocked URLs, boilerplate counts and revisions, one class each.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.storage.catalog.api_keys import ApiKeys
from worker.storage.catalog.blocklist import Blocklist
from worker.storage.catalog.boilerplate import BoilerplateCounts
from worker.storage.catalog.revisions import Revisions
from worker.storage.catalog.saved_searches import SavedSearches
from worker.storage.catalog.sources import Sources
from worker.storage.catalog.subscriptions import Subscriptions
from worker.storage.ports import DocumentStore

__all__ = [
    "ApiKeys",
    "Blocklist",
    "BoilerplateCounts",
    "Catalog",
    "Revisions",
    "SavedSearches",
    "Sources",
    "Subscriptions",
]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All collections of the catalog."""

    sources: Sources
    subscriptions: Subscriptions
    api_keys: ApiKeys
    saved_searches: SavedSearches
    blocklist: Blocklist
    boilerplate: BoilerplateCounts
    revisions: Revisions

    @classmethod
    def on(cls, document_store: DocumentStore) -> Catalog:
        """Return the catalog that is kept in this document store."""
        return cls(
            sources=Sources(document_store),
            subscriptions=Subscriptions(document_store),
            api_keys=ApiKeys(document_store),
            saved_searches=SavedSearches(document_store),
            blocklist=Blocklist(document_store),
            boilerplate=BoilerplateCounts(document_store),
            revisions=Revisions(document_store),
        )
