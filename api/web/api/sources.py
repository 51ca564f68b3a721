"""/v1/sources: what is crawled again and again."""

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
from worker.services.sources.bulk_add import subscribe
from worker.services.sources.discovery import discover
from worker.services.sources.registry import crawl_now, health, register, remove
from worker.services.sources.websub import standings

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


class Form(StrEnum):
    TOML = "toml"
    OPML = "opml"


async def _whole_body(request: Request) -> bytes:
    return await request.body()


class NewSource(BaseModel):
    url: StorableText = Field(examples=["https://example.org/feed.xml"])
    name: StorableText = Field("", max_length=names.MAX_CHARS, description="default: the site's name")
    kind: SourceKind | None = Field(None, description="default: found out by fetching the address")
    every: StorableText = Field("", description='"15m", "adaptive 5m..6h" or a cron expression')


class SourceAnswer(BaseModel):
    name: str
    url: str
    kind: SourceKind
    schedule: str
    health: str = Field(description="ok, failing, empty, silent, unknown or paused: by its own habits")
    paused: bool
    next_due_at: datetime | None
    visits: int
    failures_in_row: int
    failed: str | None = Field(description="reason of the last failure, while it fails")
    listed: int = Field(description="articles that it named at the last visit")
    hub: str | None = Field(description="the hub that tells what is new (WebSub), and how it stands with it")


class CrawlAnswer(BaseModel):
    listed: int
    new: int
    problem: str | None


class ImportAnswer(BaseModel):
    name: str
    url: str
    verdict: str = Field(description="added, known (the source of that address stays as it is), or refused")
    problem: str | None


class OfferAnswer(BaseModel):
    url: str
    kind: SourceKind
    how: str = Field(description="named by the site, linked, or a guess")
    title: str | None
    listed: int = Field(description="articles, or sitemaps of an index")
    newest: datetime | None


@router.get("/sources", summary="All sources")
def list_sources(context: CurrentContext) -> list[SourceAnswer]:
    """With health and when they are due."""
    found = list(context.catalog.sources.all())
    hubs = standings(context, [s.name for s in found])
    return [_answer(context, s, hubs) for s in found]


@router.get(
    "/sources/export",
    summary="All sources as a list",
    response_class=Response,
    responses={200: {"content": {"application/toml": TEXT, "text/x-opml": TEXT}}},
)
def export_sources(context: CurrentContext, format: Form = Form.TOML) -> Response:
    """In a form that the import reads. OPML holds feeds alone."""
    found = context.catalog.sources.all()
    headers = {"Content-Disposition": f'attachment; filename="sources.{format}"'}
    if format is Form.OPML:
        return Response(lists.to_opml(found), media_type="text/x-opml; charset=utf-8", headers=headers)
    return Response(lists.to_toml(found), media_type="application/toml; charset=utf-8", headers=headers)


@router.get("/sources/{name:path}", summary="One source")
def get_source(name: str, context: CurrentContext) -> SourceAnswer:
    return _answer(context, _source(context, name))


@admin.post("/sources", status_code=201, summary="Add a source")
def add_source(body: NewSource, context: CurrentContext) -> SourceAnswer:
    """Crawled from now on, by its schedule. Without a kind the address is fetched first."""
    try:
        return _answer(context, register(context, body.url, name=body.name, kind=body.kind, every=body.every))
    except (FetchFailed, Unreadable) as e:
        raise HTTPException(422, f"{body.url} cannot be crawled: {e}") from None


@admin.post("/sources/import", summary="Add a list of sources", openapi_extra=LIST)
def import_sources(body: Annotated[bytes, Depends(_whole_body)], context: CurrentContext) -> list[ImportAnswer]:
    """A list as JSON, or TOML or OPML as text; one answer an entry, in order. One without a kind is fetched first."""
    answers = subscribe(context, lists.parse(body))
    return [ImportAnswer(name=a.name, url=a.url, verdict=a.verdict, problem=a.problem) for a in answers]


@admin.get("/sources/discover", summary="What a site offers for crawling")
def discover_sources(
    url: Annotated[str, Query(description="a site's home page", examples=["https://example.org/"])],
    context: CurrentContext,
) -> list[OfferAnswer]:
    """Its feeds and sitemaps, each tried, the likeliest first. Nothing is queued."""
    return [
        OfferAnswer(url=o.url, kind=o.kind, how=o.how, title=o.title, listed=o.listed, newest=o.newest)
        for o in discover(context, url)
    ]


@admin.post("/sources/{name:path}/pause", summary="Leave a source alone")
def pause_source(name: str, context: CurrentContext) -> SourceAnswer:
    _source(context, name)
    return _answer(context, context.catalog.sources.change(name, lambda s: replace(s, paused=True)))


@admin.post("/sources/{name:path}/resume", summary="Crawl a paused source again")
def resume_source(name: str, context: CurrentContext) -> SourceAnswer:
    _source(context, name)
    now = context.now()
    return _answer(context, context.catalog.sources.change(name, lambda s: replace(s, paused=False, next_due_at=now)))


@admin.post("/sources/{name:path}/crawl", summary="Crawl a source now")
def crawl_source(name: str, context: CurrentContext) -> CrawlAnswer:
    """Whether it is due or not. Answered once what it lists is queued."""
    _source(context, name)
    crawled = crawl_now(context, name)
    return CrawlAnswer(listed=crawled.listed, new=crawled.new, problem=crawled.problem)


@admin.delete("/sources/{name:path}", status_code=204, summary="Forget a source")
def remove_source(name: str, context: CurrentContext) -> None:
    """Its articles stay."""
    if not remove(context, name):
        raise HTTPException(404, f"There is no source {name!r}")


def _source(context: AppContext, name: str) -> Source:
    try:
        return context.catalog.sources.get(name)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _answer(context: AppContext, source: Source, hubs: Mapping[str, str] | None = None) -> SourceAnswer:
    history = SourceHistory.from_dict(source.history)
    hubs = standings(context, [source.name]) if hubs is None else hubs
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
