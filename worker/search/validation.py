"""Checks of queries and documents that are the same for every backend."""

from __future__ import annotations

from worker.errors import BadInput
from worker.model.query import FACETS, Query
from worker.model.records import Document

SCOPES = ("all", "headline", "body", "captions")
SORTS = ("relevance", "newest", "oldest")
INTERVALS = ("auto", "day", "week", "month", "year")
MAX_SIZE = 100
MAX_FILTER_VALUES = 1000  #: in all filters of a query together
MAX_VALUE_CHARS = 512  #: longer values are found as words, but are not in facets and filters
MAX_FACET_SIZE = 1000
MAX_IDS = 1000
MAX_ID_BYTES = 512  #: Elasticsearch's limit
MAX_VERSION = 2**63 - 1


def check_query(query: Query) -> None:
    """Raise `BadInput` if a query has an unknown name or exceeds a limit."""
    for name in (*query.filters, *query.facets):
        if name not in FACETS:
            raise BadInput(f"Unknown filter or facet: {name!r}. Choose from: {', '.join(FACETS)}")
    _check_limit("values in all filters", sum(len(values) for values in query.filters.values()), MAX_FILTER_VALUES)
    longest = max((len(value) for values in query.filters.values() for value in values), default=0)
    _check_limit("characters in a filter value", longest, MAX_VALUE_CHARS)
    _check_choice("scope", query.scope, SCOPES)
    _check_choice("sort", query.sort, SORTS)
    if query.histogram is not None:
        _check_choice("histogram", query.histogram, INTERVALS)
    _check_range("size", query.size, MAX_SIZE)
    _check_range("facet_size", query.facet_size, MAX_FACET_SIZE)
    _check_range("number of ids", len(query.ids), MAX_IDS)
    for name, moment in (("since", query.since), ("until", query.until)):
        if moment and moment.tzinfo is None:
            raise BadInput(f"{name} needs a time zone. For UTC, write: {moment.isoformat()}+00:00")


def objection(document: Document) -> str | None:
    """Return the reason why a document cannot be stored, or None if it can."""
    if not 0 < len(document.id.encode(errors="replace")) <= MAX_ID_BYTES:
        return f"its id has {len(document.id.encode(errors='replace'))} bytes, not 1 to {MAX_ID_BYTES}"
    if not 0 <= document.version <= MAX_VERSION:
        return f"its version {document.version} is not between 0 and {MAX_VERSION}"
    return None


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadInput(f"Unknown {name}: {value!r}. Choose from: {', '.join(allowed)}")


def _check_limit(unit: str, number: int, most: int) -> None:
    if number > most:
        raise BadInput(f"Too many {unit}: {number:,}. At most {most:,} are allowed; split the query.")


def _check_range(name: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise BadInput(f"Invalid {name}: {value}. Choose a number from 0 to {most}.")
