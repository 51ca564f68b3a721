"""Candidates for a field, and the choice among them.

Each source of a field (JSON-LD, meta tags, elements …) yields candidates, best first. The first one becomes the value;
the others that differ are kept as its rivals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from worker.model.records import Provenance

T = TypeVar("T")

MAX_RIVALS = 8


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """A possible value of a field, and where it was found."""

    source: str  #: "json-ld", "meta", "dom", "text", "fusion", "next", "state", "microdata", "rdfa", "url"
    rule: str  #: "og:title", "h1", "NewsArticle.headline"
    value: T


def choose(
    candidates: Iterable[Candidate[T]], shown: Callable[[T], str] = str
) -> tuple[T, Provenance] | tuple[None, None]:
    """Return the first candidate's value with its provenance, or (None, None) without candidates.

    Candidates with another value become rivals, at most `MAX_RIVALS`. `shown` turns a value into text.
    """
    every = tuple(candidates)
    if not every:
        return None, None
    first, *others = every
    chosen = shown(first.value)
    rivals = {(f"{c.source}:{c.rule}", shown(c.value)): None for c in others if shown(c.value) != chosen}
    return first.value, Provenance(source=first.source, rule=first.rule, rivals=tuple(rivals)[:MAX_RIVALS])
