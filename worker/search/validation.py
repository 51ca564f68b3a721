"""What every backend refuses in the same words: queries of what does not exist, documents that cannot be filed."""

from __future__ import annotations

from worker.errors import BadInput
from worker.model.query import FACETS, Query
from worker.model.records import Document

SCOPES = ("all", "headline", "body", "captions")
SORTS = ("relevance", "newest", "oldest")
INTERVALS = ("auto", "day", "week", "month", "year")
MAX_SIZE = 100
MAX_FILTER_VALUES = 1000  #: of all filters of a query
MAX_VALUE_CHARS = 512  #: longer values are found as words, but neither counted nor chosen
MAX_FACET_SIZE = 1000
MAX_IDS = 1000
MAX_ID_BYTES = 512  #: Elasticsearch's limit
MAX_VERSION = 2**63 - 1


def check_query(query: Query) -> None:
    """`BadInput` that says what is allowed."""
    for name in (*query.filters, *query.facets):
        if name not in FACETS:
            raise BadInput(f"there is no filter or facet {name!r}; allowed: {', '.join(FACETS)}")
    _no_more("values", "the filters", sum(len(values) for values in query.filters.values()), MAX_FILTER_VALUES)
    longest = max((len(value) for values in query.filters.values() for value in values), default=0)
    _no_more("characters", "a filter's value", longest, MAX_VALUE_CHARS)
    _one_of("scope", query.scope, SCOPES)
    _one_of("sort", query.sort, SORTS)
    if query.histogram is not None:
        _one_of("histogram", query.histogram, INTERVALS)
    _within("size", query.size, MAX_SIZE)
    _within("facet_size", query.facet_size, MAX_FACET_SIZE)
    _within("the number of ids", len(query.ids), MAX_IDS)
    for name, moment in (("since", query.since), ("until", query.until)):
        if moment and moment.tzinfo is None:
            raise BadInput(f"{name} needs a time zone: {moment.isoformat()}+00:00 is the same moment in UTC")


def objection(document: Document) -> str | None:
    """Why a document cannot be filed by any backend; None if it can."""
    if not 0 < len(document.id.encode(errors="replace")) <= MAX_ID_BYTES:
        return f"its id has {len(document.id.encode(errors='replace'))} bytes; allowed are 1 to {MAX_ID_BYTES}"
    if not 0 <= document.version <= MAX_VERSION:
        return f"its version {document.version} is not between 0 and {MAX_VERSION}"
    return None


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadInput(f"{name} {value!r} is not known; allowed: {', '.join(allowed)}")


def _no_more(what: str, where: str, number: int, most: int) -> None:
    if number > most:
        raise BadInput(f"{most:,} {what} are allowed in {where}, not {number:,}; give fewer, or ask several times")


def _within(name: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise BadInput(f"{name} {value} is not allowed; give 0 to {most}")
