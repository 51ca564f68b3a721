"""Subscriptions to WebSub hubs: at most one for each source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from worker.model.catalog import Subscription
from worker.storage.catalog.collection import Collection
from worker.storage.ports import KEEP, Decision, DocumentStore, Put


class Subscriptions:
    """The subscriptions, by the name of their source."""

    def __init__(self, document_store: DocumentStore) -> None:
        self._subscriptions = Collection(
            document_store, "subscriptions", Subscription, key=lambda s: s.source, due=lambda s: s.due_at
        )

    def get(self, source: str) -> Subscription | None:
        """Return the subscription of a source, or None."""
        return self._subscriptions.get(source)

    def of(self, sources: Sequence[str]) -> dict[str, Subscription]:
        """Return the existing subscriptions of these sources, by source."""
        return {s.source: s for s in self._subscriptions.get_many(sources) if s}

    def put(self, subscription: Subscription) -> None:
        """Write a subscription, replacing the one of the same source."""
        self._subscriptions.put([subscription])

    def change(self, source: str, change: Callable[[Subscription], Decision[Subscription]]) -> Subscription | None:
        """Apply `change` to a subscription if it exists. Return the written one, or None if nothing was written."""
        return self._subscriptions.edit(source, change)

    def remove(self, subscription: Subscription) -> bool:
        """Delete a subscription. Return False, and change nothing, if its source has another one or none by now."""
        return bool(self._subscriptions.delete([subscription.source], lambda s: s.token == subscription.token))

    def claim_due(self, now: datetime, limit: int, again_at: Callable[[Subscription], datetime]) -> list[Subscription]:
        """Claim due subscriptions and add one try to each. Each is given to one caller only.

        A claimed subscription is due again at `again_at(claimed subscription)`.
        """

        def claim(subscription: Subscription) -> Decision[Subscription]:
            if subscription.due_at is None or subscription.due_at > now:
                return KEEP
            tried = replace(subscription, tries=subscription.tries + 1, requested_at=now)
            return Put(replace(tried, due_at=again_at(tried)))

        due = self._subscriptions.due(now, limit)
        return [claimed for name in due if (claimed := self._subscriptions.edit(name, claim))]
