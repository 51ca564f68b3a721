"""Subscriptions to hubs: one a source, each with the time at which its hub is to be asked next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from worker.model.catalog import Subscription
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore


class Subscriptions:
    def __init__(self, document_store: DocumentStore) -> None:
        self._kept = Collection(
            document_store, "subscriptions", Subscription, key=lambda s: s.source, due=lambda s: s.due_at
        )

    def get(self, source: str) -> Subscription | None:
        return self._kept.get(source)

    def of(self, sources: Sequence[str]) -> dict[str, Subscription]:
        """Those that there are, by source."""
        return {s.source: s for s in self._kept.get_many(sources) if s}

    def put(self, subscription: Subscription) -> None:
        """In place of the one that its source has, if it has one."""
        self._kept.put([subscription])

    def change(self, source: str, change: Callable[[Subscription], Subscription | None]) -> Subscription | None:
        """The subscription as changed. None where there is none, or where `change` gives None, which leaves it."""
        return self._kept.edit(source, change)

    def remove(self, subscription: Subscription) -> bool:
        """Forget it. False, and nothing changed, where its source has another by now, or none."""
        return bool(self._kept.delete([subscription.source], lambda s: s.token == subscription.token))

    def claim_due(self, now: datetime, limit: int, again_at: Callable[[Subscription], datetime]) -> list[Subscription]:
        """Those that are due, each given to one caller only, with one more try counted; due again as `again_at` says
        of it as it is given."""

        def begin(subscription: Subscription) -> Subscription | None:
            if subscription.due_at is None or subscription.due_at > now:
                return None
            tried = replace(subscription, tries=subscription.tries + 1, asked_at=now)
            return replace(tried, due_at=again_at(tried))

        return [claimed for name in self._kept.due(now, limit) if (claimed := self._kept.edit(name, begin))]
