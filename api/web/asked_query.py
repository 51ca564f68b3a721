"""A search as query parameters: one reading of them for feeds (what is found), exports (and its order) and hits (and
what is counted, page by page)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi import Query as Parameter

from api.asked import fields as asked_fields
from api.asked import filters, moment
from worker.queries import Query


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
    """Names of `worker.storing.documents.FIELDS`; empty where all are wanted."""
    return asked_fields(fields or [])


WantedFields = Annotated[tuple[str, ...], Depends(wanted_fields)]
AskedQuery = Annotated[Query, Depends(asked_query)]
