"""What people type, as a query takes it: words, filters, dates, and which fields they want. `BadInput` says what would
do.

A search as query parameters: one reading of them for feeds (what is found), exports (and its order) and hits (and
what is counted, page by page).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends
from fastapi import Query as Parameter

from worker.errors import BadInput
from worker.model.query import FACETS, Query
from worker.storage.document_json import FIELDS

SPAN = re.compile(r"([0-9]{1,5})([hdw])")  # no longer than our era
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def words(given: Sequence[str]) -> str:
    """Of a command line that passes options it does not know: `-storm` leaves a word out, `--sinse` is a slip."""
    if typo := next((word for word in given if word.startswith("--") and word != "--"), None):
        raise BadInput(f"there is no option {typo.partition('=')[0]}; `--help` lists them")
    return " ".join(given)


def filters(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`field=value` words as filters: any of the values of one field, all of the fields."""
    found: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value) or name not in FACETS:
            raise BadInput(f"filter {text!r}: write field=value, with a field of {', '.join(FACETS)}")
        found[name] = (*found.get(name, ()), value)
    return found


def asked_fields(given: Sequence[str]) -> tuple[str, ...]:
    """Names of an article's fields, each given alone or several parted by commas."""
    names = tuple(name.strip() for text in given for name in text.split(",") if name.strip())
    if unknown := [name for name in names if name not in FIELDS]:
        raise BadInput(f"an article has no field {unknown[0]!r}; its fields are {', '.join(FIELDS)}")
    return names


def moment(text: str, now: datetime | None = None) -> datetime:
    """An ISO 8601 date or time, UTC where it names no zone; or a span up to now, such as 12h, 7d or 2w. A span begins
    with a full hour, or a day in UTC, so that pages of one search fit together."""
    if span := is_span(text):
        then = (now or datetime.now(UTC)).astimezone(UTC) - int(span[1]) * UNITS[span[2]]
        return then.replace(minute=0, second=0, microsecond=0, hour=then.hour if span[2] == "h" else 0)
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is not a date; write it like 2026-11-24, 2026-11-24T08:30+01:00 or 7d") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def is_span(text: str) -> re.Match[str] | None:
    """Whether this date moves with the clock."""
    return SPAN.fullmatch(text.strip())


def found_query(
    q: Annotated[str, Parameter(description='words, "a phrase", -without, this OR that, begin*, author:name')] = "",
    filter: Annotated[list[str] | None, Parameter(description="field=value, repeatable")] = None,
    since: Annotated[str | None, Parameter(description="published at or after: 2026-11-24, with a time, or 7d")] = None,
    until: Annotated[str | None, Parameter(description="published before")] = None,
    scope: Annotated[str, Parameter(description="all, headline, body or captions")] = "all",
) -> Query:
    """`BadInput` says what is wrong with a filter or a date."""
    return Query(text=q, filters=filters(filter or []), since=_moment(since), until=_moment(until), scope=scope)


FoundQuery = Annotated[Query, Depends(found_query)]


def sorted_query(
    query: FoundQuery,
    sort: Annotated[str, Parameter(description="relevance, newest or oldest")] = "relevance",
) -> Query:
    return replace(query, sort=sort)


SortedQuery = Annotated[Query, Depends(sorted_query)]


def asked_query(
    query: SortedQuery,
    facet: Annotated[list[str] | None, Parameter(description="fields to count the values of")] = None,
    histogram: Annotated[str | None, Parameter(description="auto, day, week, month or year")] = None,
    size: Annotated[int, Parameter(ge=0, le=100, description="hits a page")] = 10,
    cursor: Annotated[str | None, Parameter(description="the next page, as the last one named it")] = None,
) -> Query:
    return replace(query, facets=tuple(facet or ()), histogram=histogram, size=size, cursor=cursor)


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None


def wanted_fields(
    fields: Annotated[list[str] | None, Parameter(description="of each article, these alone: headline,url")] = None,
) -> tuple[str, ...]:
    """Names of `worker.storage.document_json.FIELDS`; empty where all are wanted."""
    return asked_fields(fields or [])


WantedFields = Annotated[tuple[str, ...], Depends(wanted_fields)]
AskedQuery = Annotated[Query, Depends(asked_query)]
