"""/v1/searches: saved searches, whose matches go to webhooks and to the stream of events. Their webhooks may be secrets
and make this server call out, so all of it needs the scope admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from api.presentation.query_input import parse_date
from api.web.auth.api_keys import CurrentContext
from api.web.errors import StorableText
from worker.errors import BadInput
from worker.model.catalog import SavedSearch
from worker.model.query import Query
from worker.services.alerts import saved_searches
from worker.services.alerts.webhook_delivery import try_out
from worker.services.context import AppContext

router = APIRouter(tags=["saved searches"])


class NewSearch(BaseModel):
    name: StorableText = Field(max_length=saved_searches.MAX_NAME_CHARS, examples=["Floods in the north"])
    q: StorableText = Field(
        "", description="as of GET /v1/search; empty finds everything", examples=["flood OR storm -football"]
    )
    filters: dict[StorableText, list[StorableText]] = Field(
        {}, description="any of these values of each field, the fields of GET /v1/search", examples=[{"lang": ["en"]}]
    )
    since: StorableText | None = Field(None, description="published at or after")
    until: StorableText | None = Field(None, description="published before")
    scope: StorableText = Field("all", description="all, headline, body or captions")
    webhook: StorableText | None = Field(
        None, description="https://…; without one, matches go only to the event stream"
    )


class SavedSearchAnswer(BaseModel):
    id: str
    name: str
    q: str
    filters: dict[str, list[str]]
    since: datetime | None
    until: datetime | None
    scope: str
    webhook: str | None
    paused: bool
    problem: str | None = Field(description="what went wrong last, until it goes well again")
    failures_in_row: int
    waiting: int = Field(description="deliveries that its webhook is to get")
    last_sent_at: datetime | None
    created_at: datetime


class NewSavedSearchAnswer(SavedSearchAnswer):
    secret: str | None = Field(description="signs what is sent to the webhook; it is not shown again")
    found: int = Field(description="articles that it finds today; they are not sent")
    notes: list[str] = Field(description="how an odd query was understood")


class TestAnswer(BaseModel):
    status: int | None = Field(description="what the webhook answered")
    problem: str | None = Field(description="why it was not taken")


@router.post("/searches", status_code=201, summary="Save a search")
def add_search(body: NewSearch, context: CurrentContext) -> NewSavedSearchAnswer:
    """From now on each new or changed article that it finds is told to the webhook and to the stream of events. The
    answer holds the secret that signs what the webhook gets."""
    query = Query(
        text=body.q,
        filters={name: tuple(values) for name, values in body.filters.items() if values},
        since=parse_date(body.since) if body.since else None,
        until=parse_date(body.until) if body.until else None,
        scope=body.scope,
    )
    saved = saved_searches.save(context, body.name, query, webhook=body.webhook)
    return NewSavedSearchAnswer(
        **_answer(context, saved.search).model_dump(),
        secret=saved.search.secret,
        found=saved.today.total,
        notes=list(saved.today.notes),
    )


@router.get("/searches", summary="All saved searches")
def list_searches(context: CurrentContext) -> list[SavedSearchAnswer]:
    """With how their webhooks fare."""
    return [_answer(context, s) for s in context.catalog.saved_searches.all()]


@router.get("/searches/{id}", summary="One saved search")
def get_search(id: str, context: CurrentContext) -> SavedSearchAnswer:
    return _answer(context, _known(saved_searches.find, context, id))


@router.post("/searches/{id}/pause", summary="Let a saved search rest")
def pause_search(id: str, context: CurrentContext) -> SavedSearchAnswer:
    """It matches nothing; what waits for its webhook is kept."""
    return _answer(context, _known(saved_searches.pause, context, id))


@router.post("/searches/{id}/resume", summary="Let a paused search go on")
def resume_search(id: str, context: CurrentContext) -> SavedSearchAnswer:
    """What was kept for its webhook is sent at once."""
    return _answer(context, _known(saved_searches.resume, context, id))


@router.post("/searches/{id}/test", summary="Send a test to a webhook")
def test_search(id: str, context: CurrentContext) -> TestAnswer:
    """The newest article that the search finds, as the event `search.test`, now and once."""
    tried = try_out(context, _known(saved_searches.find, context, id))
    return TestAnswer(status=tried.status, problem=tried.problem)


@router.delete("/searches/{id}", status_code=204, summary="Forget a saved search")
def remove_search(id: str, context: CurrentContext) -> None:
    """With what waits for its webhook."""
    try:
        saved_searches.remove(context, id)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _known(use: Callable[[AppContext, str], SavedSearch], context: AppContext, id: str) -> SavedSearch:
    try:
        return use(context, id)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _answer(context: AppContext, search: SavedSearch) -> SavedSearchAnswer:
    return SavedSearchAnswer(
        id=search.id,
        name=search.name,
        q=search.query.text,
        filters={name: list(values) for name, values in search.query.filters.items()},
        since=search.query.since,
        until=search.query.until,
        scope=search.query.scope,
        webhook=search.webhook,
        paused=search.paused,
        problem=search.problem,
        failures_in_row=search.failures_in_row,
        waiting=context.outbox.waiting(search.id),
        last_sent_at=search.last_sent_at,
        created_at=search.created_at,
    )
