"""News and photo agencies in credits, bylines and datelines, by tables/agencies.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from worker.extraction import word_tables


@dataclass(frozen=True, slots=True)
class Agency:
    """A news or photo agency."""

    name: str  #: as it is stored: "AP"
    is_wire: bool  #: True for a news agency, whose texts have datelines; False for a photo agency


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_EDGES = re.compile(
    r"^(?:copyright|\(c\)|©|the)\s+|\s*(?:all rights reserved)\.?$|\s+(?:file|file photo|archiv\w*|staff)$", re.I
)


@lru_cache(maxsize=16384)
def find(part: str) -> Agency | None:
    """Return the agency that a part of a line names as a whole, or None.

    Examples: "AP Photo", "Copyright 2022 The Associated Press", "via REUTERS".
    """
    part = " ".join(part.split()).strip(" .,;:-–—|/()[]")
    if not part or len(part) > 80:
        return None
    return _exact(part) or _exact(_bare(part))


def is_name(part: str) -> bool:
    """Return True if the text is an agency's name and nothing else: "REUTERS", but not "via REUTERS"."""
    return _exact(part) is not None


def mentioned(text: str) -> tuple[tuple[Agency, str], ...]:
    """Return each agency whose name occurs in the text as separate words, with the spelling found, in order."""
    return tuple((agency, m[0]) for m in _pattern().finditer(text) if (agency := _exact(m[0])))


def _bare(part: str) -> str:
    part = _YEAR.sub(" ", part)
    while (shorter := _EDGES.sub("", part.strip())) != part:
        part = shorter
    part = re.sub(r"^(?:via|par|by|von|de|avec|with|mit|con|com|met|med)\s+", "", part, flags=re.I)
    return " ".join(part.split())


def _exact(spelling: str) -> Agency | None:
    exact, folded = _tables()
    return exact.get(spelling) or folded.get(spelling.casefold())


@cache
def _tables() -> tuple[Mapping[str, Agency], Mapping[str, Agency]]:
    """Return the agencies by exact spelling, and by casefolded spelling if case does not matter."""
    exact: dict[str, Agency] = {}
    for kind, agencies in word_tables.load("agencies").items():
        for name, others in agencies.items():
            exact |= dict.fromkeys((name, *others), Agency(name, is_wire=kind == "wire"))
    return exact, {s.casefold(): a for s, a in exact.items() if not _needs_case(s)}


def _needs_case(spelling: str) -> bool:
    return spelling.isascii() and " " not in spelling and len(spelling) <= 4 and spelling != "dpa"


@cache
def _pattern() -> re.Pattern[str]:
    exact, folded = _tables()
    careful = sorted((s for s in exact if _needs_case(s)), key=len, reverse=True)
    free = sorted(folded, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:(?i:{'|'.join(map(re.escape, free))})|{'|'.join(map(re.escape, careful))})(?![\w-])")
