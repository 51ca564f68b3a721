"""/v1/sources: what is crawled again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from api.web.keys import AtDesk
from worker.catalog import Source, SourceKind
from worker.desk.parts import Desk
from worker.desk.sources import crawl_now, health, register
from worker.errors import BadInput, FetchFailed, Unreadable
from worker.fetching.history import History

router = APIRouter(tags=["sources"])
admin = APIRouter(tags=["sources"])


class NewSource(BaseModel):
    url: str = Field(examples=["https://example.org/feed.xml"])
    name: str = Field("", max_length=200, description="default: the site's name")
    kind: SourceKind | None = Field(None, description="default: found out by fetching the address")
    every: str = Field("", description='"15m", "adaptive 5m..6h" or a cron expression')


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


class CrawlAnswer(BaseModel):
    listed: int
    new: int
    problem: str | None


@router.get("/sources", summary="All sources")
def list_sources(desk: AtDesk) -> list[SourceAnswer]:
    """With health and when they are due."""
    return [_answer(desk, s) for s in desk.catalog.sources.all()]


@router.get("/sources/{name}", summary="One source")
def get_source(name: str, desk: AtDesk) -> SourceAnswer:
    return _answer(desk, _source(desk, name))


@admin.post("/sources", status_code=201, summary="Add a source")
def add_source(body: NewSource, desk: AtDesk) -> SourceAnswer:
    """Crawled from now on, by its schedule. Without a kind the address is fetched first."""
    try:
        return _answer(desk, register(desk, body.url, name=body.name, kind=body.kind, every=body.every))
    except (FetchFailed, Unreadable) as e:
        raise HTTPException(422, f"{body.url} cannot be crawled: {e}") from None


@admin.post("/sources/{name}/pause", summary="Leave a source alone")
def pause_source(name: str, desk: AtDesk) -> SourceAnswer:
    _source(desk, name)
    return _answer(desk, desk.catalog.sources.change(name, lambda s: replace(s, paused=True)))


@admin.post("/sources/{name}/resume", summary="Crawl a paused source again")
def resume_source(name: str, desk: AtDesk) -> SourceAnswer:
    _source(desk, name)
    now = desk.now()
    return _answer(desk, desk.catalog.sources.change(name, lambda s: replace(s, paused=False, next_due_at=now)))


@admin.post("/sources/{name}/crawl", summary="Crawl a source now")
def crawl_source(name: str, desk: AtDesk) -> CrawlAnswer:
    """Whether it is due or not. Answered once what it lists is queued."""
    _source(desk, name)
    crawled = crawl_now(desk, name)
    return CrawlAnswer(listed=crawled.listed, new=crawled.new, problem=crawled.problem)


@admin.delete("/sources/{name}", status_code=204, summary="Forget a source")
def remove_source(name: str, desk: AtDesk) -> None:
    """Its articles stay."""
    if not desk.catalog.sources.remove(name):
        raise HTTPException(404, f"There is no source {name!r}")


def _source(desk: Desk, name: str) -> Source:
    try:
        return desk.catalog.sources.get(name)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _answer(desk: Desk, source: Source) -> SourceAnswer:
    history = History(**source.history)
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
    )
