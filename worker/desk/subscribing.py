"""Add every source of a list; one that is wrong does not keep out the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.desk.parts import Desk
from worker.desk.source_lists import Listed, default_name
from worker.desk.sources import register
from worker.errors import CopydeskError, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """The answer for one entry: `added`, `known` (a source of that name stays as it is), or `refused` with the
    problem."""

    name: str
    url: str
    verdict: str
    problem: str | None = None


def subscribe(desk: Desk, entries: Iterable[Listed]) -> Iterator[Subscribed]:
    """One answer each, in order. An entry without a kind is fetched to see what it is. `Unavailable` ends it all."""
    known = {s.name for s in desk.catalog.sources.all()}
    for entry in entries:
        answer = _subscribe(desk, entry, known)
        if answer.verdict == "added":
            known.add(answer.name)
        yield answer


def _subscribe(desk: Desk, entry: Listed, known: set[str]) -> Subscribed:
    name = entry.name or entry.url
    try:
        name = entry.name or default_name(entry.url)
        if name in known:
            return Subscribed(name=name, url=entry.url, verdict="known")
        register(desk, entry.url, name=name, kind=entry.kind, every=entry.every, paused=entry.paused)
    except Unavailable:
        raise
    except CopydeskError as e:
        return Subscribed(name=name, url=entry.url, verdict="refused", problem=str(e))
    return Subscribed(name=name, url=entry.url, verdict="added")
