"""Add every source of a list; one that is wrong does not keep out the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.errors import CopydeskError, Unavailable
from worker.services.context import AppContext
from worker.services.sources.lists import Listed
from worker.services.sources.registry import find_source, register, source_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """The answer for one entry: `added`, `known` (the source of that address stays as it is, and is named), or
    `refused` with the problem: the name may be another address's."""

    name: str
    url: str
    verdict: str
    problem: str | None = None


def subscribe(context: AppContext, entries: Iterable[Listed]) -> Iterator[Subscribed]:
    """One answer each, in order. An entry without a kind is fetched to see what it is. `Unavailable` ends it all."""
    known = source_ids(context)
    for entry in entries:
        yield _subscribe(context, entry, known)


def _subscribe(context: AppContext, entry: Listed, known: dict[str, str]) -> Subscribed:
    name = entry.name or entry.url
    try:
        if there := find_source(entry.url, known):
            return Subscribed(name=there, url=entry.url, verdict="known")
        source = register(
            context, entry.url, name=entry.name, kind=entry.kind, every=entry.every, paused=entry.paused, known=known
        )
    except Unavailable:
        raise
    except CopydeskError as e:
        return Subscribed(name=name, url=entry.url, verdict="refused", problem=str(e))
    return Subscribed(name=source.name, url=entry.url, verdict="added")
