"""Add all sources of a list. A wrong entry does not prevent the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.errors import CopydeskError, Unavailable
from worker.services.context import AppContext
from worker.services.sources.lists import Listed
from worker.services.sources.registry import find_source, register, source_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class AddResult:
    """The result for one entry: `added`, `known` or `refused`.

    If it is known, `name` is that of the existing source of the URL, which stays as it is. If it is refused, `problem`
    says why.
    """

    name: str
    url: str
    verdict: str
    problem: str | None = None


def add_all(context: AppContext, entries: Iterable[Listed]) -> Iterator[AddResult]:
    """Yield a result for each entry, in order. An entry without a kind is fetched to detect it.

    Raise `Unavailable` if a store does not answer.
    """
    known = source_ids(context)
    for entry in entries:
        yield _add(context, entry, known)


def _add(context: AppContext, entry: Listed, known: dict[str, str]) -> AddResult:
    name = entry.name or entry.url
    try:
        if there := find_source(entry.url, known):
            return AddResult(name=there, url=entry.url, verdict="known")
        source = register(
            context, entry.url, name=entry.name, kind=entry.kind, every=entry.every, paused=entry.paused, known=known
        )
    except Unavailable:
        raise
    except CopydeskError as e:
        return AddResult(name=name, url=entry.url, verdict="refused", problem=str(e))
    return AddResult(name=source.name, url=entry.url, verdict="added")
