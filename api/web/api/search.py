"""/v1/search: full-text search with facets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.presentation.highlight_markup import as_html
from api.web.api.schemas import ArticleAnswer
from api.web.auth.api_keys import CurrentContext
from api.web.params import PagedQuery, SelectedFields
from worker.model.query import Bucket, Hit, Query, Results
from worker.storage.document_json import HIT_FIELDS, select_fields

router = APIRouter(tags=["search"])


class HitAnswer(BaseModel):
    """An article that matches a search."""

    article: ArticleAnswer
    score: float | None
    highlights: dict[str, list[str]] = Field(description="safe HTML: everything is escaped except <em> around matches")


class BucketAnswer(BaseModel):
    """A value of a facet, or an interval of the histogram, with the number of matching articles."""

    value: str
    count: int


class SearchAnswer(BaseModel):
    """One page of hits, with facets and a histogram."""

    total: int
    hits: list[HitAnswer]
    facets: dict[str, list[BucketAnswer]]
    histogram: list[BucketAnswer]
    interval: str | None
    next_cursor: str | None = Field(description="send it as `cursor` to get the next page; null on the last page")
    suggestion: str | None = Field(description="the query with corrected spelling, if nothing matches")
    notes: list[str]


@router.get("/search", summary="Search the articles", response_model=SearchAnswer)
def search(context: CurrentContext, query: PagedQuery, fields: SelectedFields, request: Request) -> Response:
    """Return one page of matching articles. An article must have all words, except where OR is between them.

    The counts of a facet ignore the filters on that facet. The header `Link: …; rel="next"` leads to the next page.
    With `fields`, the articles have only these fields, whatever their schema requires.
    """
    results = context.search.find(query)
    response = search_answer(results, fields)
    if results.next_cursor:
        response.headers["Link"] = f'<{_next_page_url(request, query, results.next_cursor)}>; rel="next"'
    return response


def search_answer(results: Results, fields: Collection[str] = ()) -> Response:
    """Return results as JSON of the form `SearchAnswer`. The articles are sent as they are stored."""
    return JSONResponse(
        {
            "total": results.total,
            "hits": [_hit(hit, fields) for hit in results.hits],
            "facets": {name: _buckets(buckets) for name, buckets in results.facets.items()},
            "histogram": _buckets(results.histogram),
            "interval": results.interval,
            "next_cursor": results.next_cursor,
            "suggestion": results.suggestion,
            "notes": results.notes,
        }
    )


def _hit(hit: Hit, fields: Collection[str]) -> dict[str, Any]:
    return {
        "article": select_fields(hit.fields, fields or HIT_FIELDS),
        "score": hit.score,
        "highlights": {name: [as_html(f) for f in fragments] for name, fragments in hit.highlights.items()},
    }


def _buckets(buckets: Sequence[Bucket]) -> list[dict[str, Any]]:
    return [{"value": b.value, "count": b.count} for b in buckets]


def _next_page_url(request: Request, query: Query, cursor: str) -> str:
    """Return the URL of the next page, with spans as dates: the cursor belongs to these dates, and spans move on."""
    dates = {"since": query.since, "until": query.until}
    others = [(k, v) for k, v in request.query_params.multi_items() if k not in ("cursor", *dates)]
    fixed = [(name, date.isoformat()) for name, date in dates.items() if date]
    return f"{request.url.path}?{urlencode([*others, *fixed, ('cursor', cursor)])}"
