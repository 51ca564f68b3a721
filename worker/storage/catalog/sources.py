"""Sources: who is crawled when, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from worker.errors import BadInput
from worker.model.catalog import Source
from worker.storage.catalog.collection import Collection
from worker.storage.ports import DocumentStore


class Sources:
    def __init__(self, document_store: DocumentStore) -> None:
        self._sources = Collection(document_store, "sources", Source, key=lambda s: s.name, due=_due)

    def add(self, source: Source) -> None:
        """`BadInput` where the name is taken."""
        self._sources.add(source)

    def get(self, name: str) -> Source:
        """`BadInput` where there is none of that name."""
        return _known(self._sources.get(name), name)

    def all(self) -> Iterator[Source]:
        """By name."""
        return self._sources.all()

    def change(self, name: str, change: Callable[[Source], Source]) -> Source:
        """Edit a source: pause it, give it another schedule … `change` must keep the name. `BadInput` if unknown."""
        return _known(self._sources.edit(name, change), name)

    def remove(self, name: str) -> bool:
        """Forget a source; its articles stay."""
        return bool(self._sources.delete([name]))

    def claim_due(self, now: datetime, limit: int, lease_s: float) -> list[Source]:
        """Sources that are due, each given to one caller only, the longest due first. A crawl that never records its
        visit loses its claim after `lease_s`: then the source is due again."""
        claimed = (self.claim(name, now, lease_s) for name in self._sources.due(now, limit))
        return [source for source in claimed if source]

    def claim(self, name: str, now: datetime, lease_s: float, *, force: bool = False) -> Source | None:
        """One source, if it is due; with `force` also if it is not, and even if it is paused."""

        def begin(source: Source) -> Source | None:
            due = _due(source)
            if not force and (due is None or due > now):
                return None
            return _held(source, now, lease_s)

        return self._sources.edit(name, begin)

    def begin(self, name: str, claim: int, now: datetime, lease_s: float) -> Source | None:
        """Take up a claim that went through the broker, and hold it for `lease_s` from now. None where it was taken up
        before (a message that comes twice) or lost, or the source was removed."""

        def take_up(source: Source) -> Source | None:
            return _held(source, now, lease_s) if source.claim == claim else None

        return self._sources.edit(name, take_up)

    def hurry(self, name: str, now: datetime, at: datetime) -> None:
        """Let a source be due at that time at the latest. While it is crawled that is only noted, for `record`: another
        crawl would take the claim of the first, and where somebody hurries again and again, none would ever end."""

        def hurry(source: Source) -> Source | None:
            if source.claimed_until and source.claimed_until > now:
                return None if source.hurried else replace(source, hurried=True)
            return replace(source, next_due_at=_sooner(at, source.next_due_at))

        self._sources.edit(name, hurry)

    def record(
        self,
        claimed: Source,
        *,
        history: Mapping[str, Any],
        next_due_at: datetime | None,
        hurried_at: datetime | None = None,
        learned: Mapping[str, Any] | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> Source | None:
        """End a crawl. The source is due at `next_due_at`, or at `hurried_at` where that is sooner and it was hurried
        meanwhile. None, and nothing changed, where the claim was lost, was recorded before, or the source removed.
        What was learned and the cursor stay as they are where None."""

        def end(source: Source) -> Source | None:
            if source.claim != claimed.claim:
                return None
            return replace(
                source,
                claim=claimed.claim + 1,
                claimed_until=None,
                hurried=False,
                history=history,
                next_due_at=_sooner(next_due_at, hurried_at) if source.hurried else next_due_at,
                learned=source.learned if learned is None else learned,
                cursor=source.cursor if cursor is None else cursor,
            )

        return self._sources.edit(claimed.name, end)


def _held(source: Source, now: datetime, lease_s: float) -> Source:
    until = now + timedelta(seconds=lease_s)
    return replace(source, claim=source.claim + 1, claimed_until=until, hurried=False, next_due_at=until)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at), default=None)


def _due(source: Source) -> datetime | None:
    return None if source.paused else source.next_due_at


def _known(source: Source | None, name: str) -> Source:
    if source is None:
        raise BadInput(f"there is no source {name!r}; `copydesk sources list` names them all")
    return source
