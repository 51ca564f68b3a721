"""Sources: who is crawled when, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from worker.catalog import Source
from worker.errors import BadInput
from worker.storing.catalog.collection import Collection
from worker.storing.ports import Shelf


class Sources:
    def __init__(self, shelf: Shelf) -> None:
        self._sources = Collection(shelf, "sources", Source, key=lambda s: s.name, due=_due)

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
            return replace(source, claim=source.claim + 1, next_due_at=now + timedelta(seconds=lease_s))

        return self._sources.edit(name, begin)

    def begin(self, name: str, claim: int, now: datetime, lease_s: float) -> Source | None:
        """Take up a claim that went through the broker, and hold it for `lease_s` from now. None where it was taken up
        before (a message that comes twice) or lost, or the source was removed."""

        def take_up(source: Source) -> Source | None:
            if source.claim != claim:
                return None
            return replace(source, claim=claim + 1, next_due_at=now + timedelta(seconds=lease_s))

        return self._sources.edit(name, take_up)

    def record(
        self,
        claimed: Source,
        *,
        history: Mapping[str, Any],
        next_due_at: datetime | None,
        learned: Mapping[str, Any] | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> Source | None:
        """End a crawl. None, and nothing changed, where the claim was lost, was recorded before, or the source removed
        meanwhile. What was learned and the cursor stay as they are where None."""

        def end(source: Source) -> Source | None:
            if source.claim != claimed.claim:
                return None
            return replace(
                source,
                claim=claimed.claim + 1,
                history=history,
                next_due_at=next_due_at,
                learned=source.learned if learned is None else learned,
                cursor=source.cursor if cursor is None else cursor,
            )

        return self._sources.edit(claimed.name, end)


def _due(source: Source) -> datetime | None:
    return None if source.paused else source.next_due_at


def _known(source: Source | None, name: str) -> Source:
    if source is None:
        raise BadInput(f"there is no source {name!r}; `copydesk sources list` names them all")
    return source
