"""Sources: when each is visited, and what its visits found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from worker.errors import BadInput
from worker.model.catalog import Source
from worker.storage.catalog.collection import Collection
from worker.storage.ports import KEEP, Decision, DocumentStore, Put


class Sources:
    """The sources, by name."""

    def __init__(self, document_store: DocumentStore) -> None:
        self._sources = Collection(document_store, "sources", Source, key=lambda s: s.name, due=_due)

    def add(self, source: Source) -> None:
        """Add a source. Raise `BadInput` if the name is taken."""
        self._sources.add(source)

    def get(self, name: str) -> Source:
        """Return a source. Raise `BadInput` if it is unknown."""
        return _known(self._sources.get(name), name)

    def all(self) -> Iterator[Source]:
        """Yield all sources by name."""
        return self._sources.all()

    def change(self, name: str, change: Callable[[Source], Source]) -> Source:
        """Edit a source (pause it, set another schedule …) and return it. Raise `BadInput` if it is unknown.

        `change` must keep the name.
        """
        return _known(self._sources.edit(name, lambda source: Put(change(source))), name)

    def remove(self, name: str) -> bool:
        """Delete a source; its articles stay. Return False if it is unknown."""
        return bool(self._sources.delete([name]))

    def claim_due(self, now: datetime, limit: int, lease_s: float) -> list[Source]:
        """Claim due sources, longest due first. Each is given to one caller only.

        A visit that is never recorded loses its claim after `lease_s`: the source is due again then.
        """
        claimed = (self.claim(name, now, lease_s) for name in self._sources.due(now, limit))
        return [source for source in claimed if source]

    def claim(self, name: str, now: datetime, lease_s: float, *, force: bool = False) -> Source | None:
        """Claim one source if it is due. With `force`, claim it although it is not due or is paused."""

        def claim(source: Source) -> Decision[Source]:
            due = _due(source)
            if not force and (due is None or due > now):
                return KEEP
            return Put(_leased(source, now, lease_s))

        return self._sources.edit(name, claim)

    def begin(self, name: str, claim: int, now: datetime, lease_s: float) -> Source | None:
        """Begin the visit of a claimed source, and extend the claim to `lease_s` from now.

        Return None if it has begun before (a repeated message), if the claim was lost, or if the source was removed.
        """

        def begin(source: Source) -> Decision[Source]:
            return Put(_leased(source, now, lease_s)) if source.claim == claim else KEEP

        return self._sources.edit(name, begin)

    def hurry(self, name: str, now: datetime, at: datetime) -> None:
        """Make a source due at that time at the latest.

        During a visit this is only noted, for `record`: a second visit would take the claim of the first, and with a
        steady flow of such calls no visit would ever end.
        """

        def hurry(source: Source) -> Decision[Source]:
            if source.claimed_until and source.claimed_until > now:
                return KEEP if source.hurried else Put(replace(source, hurried=True))
            return Put(replace(source, next_due_at=_earlier(at, source.next_due_at)))

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
        """End a visit. The source is due at `next_due_at`, or at `hurried_at` if it was hurried and that is earlier.

        `learned` and `cursor` stay as they are if None. Return None, and change nothing, if the claim was lost or
        recorded before, or if the source was removed.
        """

        def record(source: Source) -> Decision[Source]:
            if source.claim != claimed.claim:
                return KEEP
            return Put(
                replace(
                    source,
                    claim=claimed.claim + 1,
                    claimed_until=None,
                    hurried=False,
                    history=history,
                    next_due_at=_earlier(next_due_at, hurried_at) if source.hurried else next_due_at,
                    learned=source.learned if learned is None else learned,
                    cursor=source.cursor if cursor is None else cursor,
                )
            )

        return self._sources.edit(claimed.name, record)


def _leased(source: Source, now: datetime, lease_s: float) -> Source:
    until = now + timedelta(seconds=lease_s)
    return replace(source, claim=source.claim + 1, claimed_until=until, hurried=False, next_due_at=until)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at), default=None)


def _due(source: Source) -> datetime | None:
    return None if source.paused else source.next_due_at


def _known(source: Source | None, name: str) -> Source:
    if source is None:
        raise BadInput(f"Unknown source: {name!r}. To see all names, run: copydesk sources list")
    return source
