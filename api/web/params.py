"""Query parameters of the API as dependencies.

Feeds use the search, exports also the sort order, and `GET /v1/search` also facets, histogram and pages.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi import Query as Parameter

from api.presentation.query_input import parse_date, parse_fields, parse_filters
from worker.model.query import Query


def filter_query(
    q: Annotated[str, Parameter(description='words, "a phrase", -without, this OR that, begin*, author:name')] = "",
    filter: Annotated[list[str] | None, Parameter(description="field=value, repeatable")] = None,
    since: Annotated[str | None, Parameter(description="published at or after: 2026-11-24, with a time, or 7d")] = None,
    until: Annotated[str | None, Parameter(description="published before")] = None,
    scope: Annotated[str, Parameter(description="all, headline, body or captions")] = "all",
) -> Query:
    """Return the query. Raise `BadInput` for a wrong filter or date."""
    return Query(text=q, filters=parse_filters(filter or []), since=_date(since), until=_date(until), scope=scope)


FilterQuery = Annotated[Query, Depends(filter_query)]


def sorted_query(
    query: FilterQuery,
    sort: Annotated[str, Parameter(description="relevance, newest or oldest")] = "relevance",
) -> Query:
    """Return the query with the requested sort order."""
    return replace(query, sort=sort)


SortedQuery = Annotated[Query, Depends(sorted_query)]


def paged_query(
    query: SortedQuery,
    facet: Annotated[list[str] | None, Parameter(description="fields to count the values of")] = None,
    histogram: Annotated[str | None, Parameter(description="auto, day, week, month or year")] = None,
    size: Annotated[int, Parameter(ge=0, le=100, description="hits a page")] = 10,
    cursor: Annotated[str | None, Parameter(description="`next_cursor` of the page before")] = None,
) -> Query:
    """Return the query with the requested facets, histogram and page of hits."""
    return replace(query, facets=tuple(facet or ()), histogram=histogram, size=size, cursor=cursor)


def _date(text: str | None) -> datetime | None:
    return parse_date(text) if text else None


def selected_fields(
    fields: Annotated[
        list[str] | None, Parameter(description="only these fields of each article, separated by commas: headline,url")
    ] = None,
) -> tuple[str, ...]:
    """Return names of `worker.storage.document_json.FIELDS`; empty for all fields."""
    return parse_fields(fields or [])


SelectedFields = Annotated[tuple[str, ...], Depends(selected_fields)]
PagedQuery = Annotated[Query, Depends(paged_query)]
