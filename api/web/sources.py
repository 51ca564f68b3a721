"""/v1/sources: what is crawled again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from api.web.keys import AtDesk
from api.web.problems import Text
from worker.catalog import Source, SourceKind
from worker.desk import source_lists, source_names
from worker.desk.discovering import discover
from worker.desk.parts import Desk
from worker.desk.pushing import standings
from worker.desk.sources import crawl_now, health, register, remove
from worker.desk.subscribing import subscribe
from worker.errors import BadInput, FetchFailed, Unreadable
from worker.fetching.history import History

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
    url: Text = Field(examples=["https://example.org/feed.xml"])
    name: Text = Field("", max_length=source_names.MAX_CHARS, description="default: the site's name")
    kind: SourceKind | None = Field(None, description="default: found out by fetching the address")
    every: Text = Field("", description='"15m", "adaptive 5m..6h" or a cron expression')


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
def list_sources(desk: AtDesk) -> list[SourceAnswer]:
    """With health and when they are due."""
    found = list(desk.catalog.sources.all())
    hubs = standings(desk, [s.name for s in found])
    return [_answer(desk, s, hubs) for s in found]


@router.get(
    "/sources/export",
    summary="All sources as a list",
    response_class=Response,
    responses={200: {"content": {"application/toml": TEXT, "text/x-opml": TEXT}}},
)
def export_sources(desk: AtDesk, format: Form = Form.TOML) -> Response:
    """In a form that the import reads. OPML holds feeds alone."""
    found = desk.catalog.sources.all()
    headers = {"Content-Disposition": f'attachment; filename="sources.{format}"'}
    if format is Form.OPML:
        return Response(source_lists.to_opml(found), media_type="text/x-opml; charset=utf-8", headers=headers)
    return Response(source_lists.to_toml(found), media_type="application/toml; charset=utf-8", headers=headers)


@router.get("/sources/{name:path}", summary="One source")
def get_source(name: str, desk: AtDesk) -> SourceAnswer:
    return _answer(desk, _source(desk, name))


@admin.post("/sources", status_code=201, summary="Add a source")
def add_source(body: NewSource, desk: AtDesk) -> SourceAnswer:
    """Crawled from now on, by its schedule. Without a kind the address is fetched first."""
    try:
        return _answer(desk, register(desk, body.url, name=body.name, kind=body.kind, every=body.every))
    except (FetchFailed, Unreadable) as e:
        raise HTTPException(422, f"{body.url} cannot be crawled: {e}") from None


@admin.post("/sources/import", summary="Add a list of sources", openapi_extra=LIST)
def import_sources(body: Annotated[bytes, Depends(_whole_body)], desk: AtDesk) -> list[ImportAnswer]:
    """A list as JSON, or TOML or OPML as text; one answer an entry, in order. One without a kind is fetched first."""
    answers = subscribe(desk, source_lists.parse(body))
    return [ImportAnswer(name=a.name, url=a.url, verdict=a.verdict, problem=a.problem) for a in answers]


@admin.get("/sources/discover", summary="What a site offers for crawling")
def discover_sources(
    url: Annotated[str, Query(description="a site's home page", examples=["https://example.org/"])], desk: AtDesk
) -> list[OfferAnswer]:
    """Its feeds and sitemaps, each tried, the likeliest first. Nothing is queued."""
    return [
        OfferAnswer(url=o.url, kind=o.kind, how=o.how, title=o.title, listed=o.listed, newest=o.newest)
        for o in discover(desk, url)
    ]


@admin.post("/sources/{name:path}/pause", summary="Leave a source alone")
def pause_source(name: str, desk: AtDesk) -> SourceAnswer:
    _source(desk, name)
    return _answer(desk, desk.catalog.sources.change(name, lambda s: replace(s, paused=True)))


@admin.post("/sources/{name:path}/resume", summary="Crawl a paused source again")
def resume_source(name: str, desk: AtDesk) -> SourceAnswer:
    _source(desk, name)
    now = desk.now()
    return _answer(desk, desk.catalog.sources.change(name, lambda s: replace(s, paused=False, next_due_at=now)))


@admin.post("/sources/{name:path}/crawl", summary="Crawl a source now")
def crawl_source(name: str, desk: AtDesk) -> CrawlAnswer:
    """Whether it is due or not. Answered once what it lists is queued."""
    _source(desk, name)
    crawled = crawl_now(desk, name)
    return CrawlAnswer(listed=crawled.listed, new=crawled.new, problem=crawled.problem)


@admin.delete("/sources/{name:path}", status_code=204, summary="Forget a source")
def remove_source(name: str, desk: AtDesk) -> None:
    """Its articles stay."""
    if not remove(desk, name):
        raise HTTPException(404, f"There is no source {name!r}")


def _source(desk: Desk, name: str) -> Source:
    try:
        return desk.catalog.sources.get(name)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _answer(desk: Desk, source: Source, hubs: Mapping[str, str] | None = None) -> SourceAnswer:
    history = History(**source.history)
    hubs = standings(desk, [source.name]) if hubs is None else hubs
    return SourceAnswer(
        name=source.name,
        url=source.url,
        kind=source.kind,
        schedule=source.schedule,
        health=health(desk, source),
        paused=source.paused,
        next_due_at=source.next_due_at,
        visits=history.visits,
        failures_in_row=history.failures,
        failed=history.failed,
        listed=history.listed,
        hub=hubs.get(source.name),
    )
