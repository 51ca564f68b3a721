"""/v1/urls: queue URLs, and look one up in the ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from api.web.auth.api_keys import CurrentContext
from api.web.errors import StorableText
from worker.model.records import Row
from worker.services.intake.submit import add
from worker.services.ledger import lookup

adding = APIRouter(tags=["urls"])
router = APIRouter(tags=["urls"])
MAX_URLS = 10_000


class NewUrls(BaseModel):
    """URLs to queue."""

    urls: Annotated[
        list[StorableText], Field(min_length=1, max_length=MAX_URLS, examples=[["https://example.org/news/article"]])
    ]
    source: StorableText = Field("api", max_length=100, description="name of the client; a facet of the articles")
    force: bool = Field(False, description="crawl finished URLs again")


class AddedUrl(BaseModel):
    """The answer to one URL."""

    url: str
    verdict: str = Field(description="created, requeued, known, or refused (see problem)")
    id: str | None = None
    problem: str | None = None


@adding.post("/urls", status_code=202, summary="Queue URLs")
def add_urls(body: NewUrls, context: CurrentContext) -> list[AddedUrl]:
    """Queue URLs. The answer comes when each accepted URL has its row in the ledger: one answer per URL, in order."""
    answers = add(context, body.urls, source=body.source, force=body.force)
    return [AddedUrl(url=a.url, verdict=a.verdict, id=a.row and a.row.id, problem=a.problem) for a in answers]


@router.get("/urls/{id}", summary="The ledger row of a URL")
def get_url(id: str, context: CurrentContext) -> Row:
    """Return the ledger row of a URL, by the `id` that `POST /v1/urls` returned."""
    row = lookup.row(context, lookup.identify(id))
    if row is None:
        raise HTTPException(404, f"Unknown URL id: {id}. POST /v1/urls queues URLs and returns their ids.")
    return row
