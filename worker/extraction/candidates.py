"""How a field is decided: every source is asked, the first believable answer wins, and the others are kept as its
rivals.
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
    """What one source says of a field."""

    source: str  #: "json-ld", "meta", "dom", "text", "fusion", "next", "state", "microdata", "url"
    rule: str  #: "og:title", "h1", "NewsArticle.headline"
    value: T


def choose(
    candidates: Iterable[Candidate[T]], shown: Callable[[T], str] = str
) -> tuple[T, Provenance] | tuple[None, None]:
    """The first claim's value with its provenance; those that say otherwise are its rivals. (None, None) without a
    claim.
    """
    found = tuple(candidates)
    if not found:
        return None, None
    first, *others = found
    chosen = shown(first.value)
    rivals = {(f"{c.source}:{c.rule}", shown(c.value)): None for c in others if shown(c.value) != chosen}
    return first.value, Provenance(source=first.source, rule=first.rule, rivals=tuple(rivals)[:MAX_RIVALS])
