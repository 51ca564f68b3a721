"""/v1/search: full text and facets."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.presentation.highlight_markup import as_html
from api.web.api.schemas import ArticleAnswer, article_answer
from api.web.auth.api_keys import CurrentContext
from api.web.params import PagedQuery, SelectedFields
from worker.model import query as queries

router = APIRouter(tags=["search"])


class FoundArticle(BaseModel):
    article: ArticleAnswer
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
    suggestion: str | None = Field(description="the query with better spellings, where nothing was found")
    notes: list[str]


@router.get("/search", summary="Search the articles", response_model_exclude_unset=True)
def search(
    context: CurrentContext, query: PagedQuery, fields: SelectedFields, request: Request, response: Response
) -> SearchAnswer:
    """Words are all wanted unless OR stands between them. Facets leave their own filter out of account. The header
    `Link: …; rel="next"` leads to the next page. With `fields`, articles hold no others, whatever their record says."""
    results = context.index.search(query)
    if results.next_cursor:
        response.headers["Link"] = f'<{_following(request, query, results.next_cursor)}>; rel="next"'
    return answer(results, fields)


def _following(request: Request, query: queries.Query, cursor: str) -> str:
    """The next page, with the dates that spans came to: a cursor is of these, and an hour later they are others."""
    dates = {"since": query.since, "until": query.until}
    others = [(k, v) for k, v in request.query_params.multi_items() if k not in ("cursor", *dates)]
    fixed = [(name, date.isoformat()) for name, date in dates.items() if date]
    return f"{request.url.path}?{urlencode([*others, *fixed, ('cursor', cursor)])}"


def answer(results: queries.Results, fields: Collection[str] = ()) -> SearchAnswer:
    return SearchAnswer(
        total=results.total,
        hits=[
            FoundArticle(
                article=article_answer(hit.document, fields),
                score=hit.score,
                highlights={name: [as_html(f) for f in fragments] for name, fragments in hit.highlights.items()},
            )
            for hit in results.hits
        ],
        facets={name: _counted(buckets) for name, buckets in results.facets.items()},
        histogram=_counted(results.histogram),
        interval=results.interval,
        next_cursor=results.next_cursor,
        suggestion=results.suggestion,
        notes=list(results.notes),
    )


def _counted(buckets: tuple[queries.Bucket, ...]) -> list[Counted]:
    return [Counted(value=b.value, count=b.count) for b in buckets]
