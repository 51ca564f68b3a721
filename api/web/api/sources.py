"""/v1/sources: the sources that are visited on a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from api.web.auth.api_keys import CurrentContext
from api.web.errors import StorableText
from worker.discovery.source_history import SourceHistory
from worker.errors import BadInput, FetchFailed, Unreadable
from worker.model.catalog import Source, SourceKind
from worker.services.context import AppContext
from worker.services.sources import lists, names
from worker.services.sources.bulk_add import add_all
from worker.services.sources.discovery import discover
from worker.services.sources.registry import health, register, remove
from worker.services.sources.visits import crawl_now
from worker.services.sources.websub import hub_states

router = APIRouter(tags=["sources"])
admin = APIRouter(tags=["sources"])

TEXT: dict[str, Any] = {"schema": {"type": "string"}}
LIST = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": {"type": "object", "required": ["url"]}},
                "example": [{"url": "https://example.org/feed.xml", "name": "daily", "kind": "feed", "every": "15m"}],
            },
            "application/toml": TEXT,
            "text/x-opml": TEXT,
        },
    }
}


class ListFormat(StrEnum):
    """A format of an exported list."""

    TOML = "toml"
    OPML = "opml"


async def _whole_body(request: Request) -> bytes:
    return await request.body()


class NewSource(BaseModel):
    """A source to add."""

    url: StorableText = Field(examples=["https://example.org/feed.xml"])
    name: StorableText = Field("", max_length=names.MAX_CHARS, description="default: the site's name")
    kind: SourceKind | None = Field(None, description="default: detected by fetching the URL")
    every: StorableText = Field("", description='"15m", "adaptive 5m..6h" or a cron expression')


class SourceAnswer(BaseModel):
    """A source, its schedule and its health."""

    name: str
    url: str
    kind: SourceKind
    schedule: str
    health: str = Field(description="ok, failing, empty, silent, unknown or paused, compared with its usual behaviour")
    paused: bool
    next_due_at: datetime | None
    visits: int
    failures_in_row: int
    failed: str | None = Field(description="reason of the last failure, until a visit succeeds")
    listed: int = Field(description="articles that it listed at the last visit")
    hub: str | None = Field(description="the WebSub hub that pushes new articles, and the state of the subscription")


class VisitAnswer(BaseModel):
    """The result of one visit to a source."""

    listed: int
    new: int
    problem: str | None


class ImportAnswer(BaseModel):
    """The answer to one entry of a list."""

    name: str
    url: str
    verdict: str = Field(description="added, known (the source of this URL is unchanged), or refused")
    problem: str | None


class SourceCandidateAnswer(BaseModel):
    """A feed or sitemap of a site that could become a source."""

    url: str
    kind: SourceKind
    how: str = Field(description="how it was discovered: named, linked or guessed")
    title: str | None
    listed: int = Field(description="number of articles, or of sitemaps in an index")
    newest: datetime | None


@router.get("/sources", summary="All sources")
def list_sources(context: CurrentContext) -> list[SourceAnswer]:
    """Return all sources with their health and their next visit."""
    found = list(context.catalog.sources.all())
    hubs = hub_states(context, [s.name for s in found])
    return [_answer(context, s, hubs) for s in found]


@router.get(
    "/sources/export",
    summary="All sources as a list",
    response_class=Response,
    responses={200: {"content": {"application/toml": TEXT, "text/x-opml": TEXT}}},
)
def export_sources(context: CurrentContext, format: ListFormat = ListFormat.TOML) -> Response:
    """Return the sources in a format that the import reads. OPML has only feeds."""
    found = context.catalog.sources.all()
    headers = {"Content-Disposition": f'attachment; filename="sources.{format}"'}
    if format is ListFormat.OPML:
        return Response(lists.to_opml(found), media_type="text/x-opml; charset=utf-8", headers=headers)
    return Response(lists.to_toml(found), media_type="application/toml; charset=utf-8", headers=headers)


@router.get("/sources/{name:path}", summary="One source")
def get_source(name: str, context: CurrentContext) -> SourceAnswer:
    """Return a source with its health and its next visit."""
    return _answer(context, _source(context, name))


@admin.post("/sources", status_code=201, summary="Add a source")
def add_source(body: NewSource, context: CurrentContext) -> SourceAnswer:
    """Add a source that is visited on its schedule from now on. Without a kind, its URL is fetched to detect it."""
    try:
        return _answer(context, register(context, body.url, name=body.name, kind=body.kind, every=body.every))
    except (FetchFailed, Unreadable) as e:
        raise HTTPException(422, f"{body.url} cannot become a source: {e}") from None


@admin.post("/sources/import", summary="Add a list of sources", openapi_extra=LIST)
def import_sources(body: Annotated[bytes, Depends(_whole_body)], context: CurrentContext) -> list[ImportAnswer]:
    """Add a list of sources, as JSON, TOML or OPML; one answer per entry, in order. Missing kinds are detected."""
    answers = add_all(context, lists.parse(body))
    return [ImportAnswer(name=a.name, url=a.url, verdict=a.verdict, problem=a.problem) for a in answers]


@admin.get("/sources/discover", summary="Discover the feeds and sitemaps of a site")
def discover_sources(
    url: Annotated[str, Query(description="a site's home page", examples=["https://example.org/"])],
    context: CurrentContext,
) -> list[SourceCandidateAnswer]:
    """Return the feeds and sitemaps of a site, each tried, the most likely first. Nothing is queued."""
    return [
        SourceCandidateAnswer(url=o.url, kind=o.kind, how=o.how, title=o.title, listed=o.listed, newest=o.newest)
        for o in discover(context, url)
    ]


@admin.post("/sources/{name:path}/pause", summary="Pause a source")
def pause_source(name: str, context: CurrentContext) -> SourceAnswer:
    """Pause a source: it is not visited until it is resumed."""
    _source(context, name)
    return _answer(context, context.catalog.sources.change(name, lambda s: replace(s, paused=True)))


@admin.post("/sources/{name:path}/resume", summary="Resume a paused source")
def resume_source(name: str, context: CurrentContext) -> SourceAnswer:
    """Resume a source: it is due now."""
    _source(context, name)
    now = context.now()
    return _answer(context, context.catalog.sources.change(name, lambda s: replace(s, paused=False, next_due_at=now)))


@admin.post("/sources/{name:path}/crawl", summary="Crawl a source now")
def crawl_source(name: str, context: CurrentContext) -> VisitAnswer:
    """Visit a source, due or not. The answer comes when the articles that it lists are queued."""
    _source(context, name)
    crawled = crawl_now(context, name)
    return VisitAnswer(listed=crawled.listed, new=crawled.new, problem=crawled.problem)


@admin.delete("/sources/{name:path}", status_code=204, summary="Delete a source")
def remove_source(name: str, context: CurrentContext) -> None:
    """Delete a source. Its articles are kept."""
    if not remove(context, name):
        raise HTTPException(404, f"Unknown source: {name!r}. GET /v1/sources lists all sources.")


def _source(context: AppContext, name: str) -> Source:
    try:
        return context.catalog.sources.get(name)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _answer(context: AppContext, source: Source, hubs: Mapping[str, str] | None = None) -> SourceAnswer:
    history = SourceHistory.from_dict(source.history)
    hubs = hub_states(context, [source.name]) if hubs is None else hubs
    return SourceAnswer(
        name=source.name,
        url=source.url,
        kind=source.kind,
        schedule=source.schedule,
        health=health(context, source),
        paused=source.paused,
        next_due_at=source.next_due_at,
        visits=history.visits,
        failures_in_row=history.failures,
        failed=history.failed,
        listed=history.listed,
        hub=hubs.get(source.name),
    )
