"""/v1/search: full text and facets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.asked import filters, moment
from api.fragments import as_html
from api.web.keys import AtDesk
from worker import queries
from worker.storing.documents import to_json

router = APIRouter(tags=["search"])


class FoundArticle(BaseModel):
    article: dict[str, Any] = Field(description="as GET /v1/articles/{id}")
    score: float | None
    highlights: dict[str, list[str]] = Field(description="safe HTML: all is escaped but <em> around what was found")


class Counted(BaseModel):
    value: str
    count: int


class SearchAnswer(BaseModel):
    total: int
    hits: list[FoundArticle]
    facets: dict[str, list[Counted]]
    histogram: list[Counted]
    interval: str | None
    next_cursor: str | None = Field(description="give it as `cursor` for the next page; null on the last")
    notes: list[str]


@router.get("/search", summary="Search the articles")
def search(
    desk: AtDesk,
    q: Annotated[str, Query(description='words, "a phrase", -without, this OR that, begin*, author:name')] = "",
    filter: Annotated[list[str] | None, Query(description="field=value, repeatable")] = None,
    facet: Annotated[list[str] | None, Query(description="fields to count the values of")] = None,
    since: Annotated[str | None, Query(description="published at or after: 2026-11-24 or with a time")] = None,
    until: Annotated[str | None, Query(description="published before")] = None,
    scope: Annotated[str, Query(description="all, headline, body or captions")] = "all",
    histogram: Annotated[str | None, Query(description="auto, day, week, month or year")] = None,
    sort: Annotated[str, Query(description="relevance, newest or oldest")] = "relevance",
    size: Annotated[int, Query(ge=0, le=100)] = 10,
    cursor: str | None = None,
) -> SearchAnswer:
    """Words are all wanted unless OR stands between them. Facets leave their own filter out of account."""
    query = queries.Query(
        text=q,
        filters=filters(filter or []),
        since=_moment(since),
        until=_moment(until),
        scope=scope,
        facets=tuple(facet or ()),
        histogram=histogram,
        sort=sort,
        size=size,
        cursor=cursor,
    )
    return _answer(desk.index.search(query))


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _answer(results: queries.Results) -> SearchAnswer:
    return SearchAnswer(
        total=results.total,
        hits=[
            FoundArticle(
                article=to_json(hit.document),
                score=hit.score,
                highlights={name: [as_html(f) for f in fragments] for name, fragments in hit.highlights.items()},
            )
            for hit in results.hits
        ],
        facets={name: _counted(buckets) for name, buckets in results.facets.items()},
        histogram=_counted(results.histogram),
        interval=results.interval,
        next_cursor=results.next_cursor,
        notes=list(results.notes),
    )


def _counted(buckets: tuple[queries.Bucket, ...]) -> list[Counted]:
    return [Counted(value=b.value, count=b.count) for b in buckets]
