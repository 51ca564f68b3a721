"""/v1/searches: saved searches, whose matches go to webhooks and to the stream of events. Their webhooks may be secrets
and make this server call out, so all of it needs the scope admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from api.asked import moment
from api.web.keys import AtDesk
from api.web.problems import Text
from worker.catalog import SavedSearch
from worker.desk import saving
from worker.desk.delivering import try_out
from worker.desk.parts import Desk
from worker.errors import BadInput
from worker.queries import Query

router = APIRouter(tags=["saved searches"])


class NewSearch(BaseModel):
    name: Text = Field(max_length=saving.MAX_NAME_CHARS, examples=["Floods in the north"])
    q: Text = Field(
        "", description="as of GET /v1/search; empty finds everything", examples=["flood OR storm -football"]
    )
    filters: dict[Text, list[Text]] = Field(
        {}, description="any of these values of each field, the fields of GET /v1/search", examples=[{"lang": ["en"]}]
    )
    since: Text | None = Field(None, description="published at or after")
    until: Text | None = Field(None, description="published before")
    scope: Text = Field("all", description="all, headline, body or captions")
    webhook: Text | None = Field(None, description="https://…; without one, matches go to the stream of events alone")


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
def add_search(body: NewSearch, desk: AtDesk) -> NewSavedSearchAnswer:
    """From now on each new or changed article that it finds is told to the webhook and to the stream of events. The
    answer holds the secret that signs what the webhook gets."""
    query = Query(
        text=body.q,
        filters={name: tuple(values) for name, values in body.filters.items() if values},
        since=moment(body.since) if body.since else None,
        until=moment(body.until) if body.until else None,
        scope=body.scope,
    )
    saved = saving.save(desk, body.name, query, webhook=body.webhook)
    return NewSavedSearchAnswer(
        **_answer(desk, saved.search).model_dump(),
        secret=saved.search.secret,
        found=saved.today.total,
        notes=list(saved.today.notes),
    )


@router.get("/searches", summary="All saved searches")
def list_searches(desk: AtDesk) -> list[SavedSearchAnswer]:
    """With how their webhooks fare."""
    return [_answer(desk, s) for s in desk.catalog.saved_searches.all()]


@router.get("/searches/{id}", summary="One saved search")
def get_search(id: str, desk: AtDesk) -> SavedSearchAnswer:
    return _answer(desk, _known(saving.find, desk, id))


@router.post("/searches/{id}/pause", summary="Let a saved search rest")
def pause_search(id: str, desk: AtDesk) -> SavedSearchAnswer:
    """It matches nothing; what waits for its webhook is kept."""
    return _answer(desk, _known(saving.pause, desk, id))


@router.post("/searches/{id}/resume", summary="Let a paused search go on")
def resume_search(id: str, desk: AtDesk) -> SavedSearchAnswer:
    """What was kept for its webhook is sent at once."""
    return _answer(desk, _known(saving.resume, desk, id))


@router.post("/searches/{id}/test", summary="Send a test to a webhook")
def test_search(id: str, desk: AtDesk) -> TestAnswer:
    """The newest article that the search finds, as the event `search.test`, now and once."""
    tried = try_out(desk, _known(saving.find, desk, id))
    return TestAnswer(status=tried.status, problem=tried.problem)


@router.delete("/searches/{id}", status_code=204, summary="Forget a saved search")
def remove_search(id: str, desk: AtDesk) -> None:
    """With what waits for its webhook."""
    try:
        saving.remove(desk, id)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _known(use: Callable[[Desk, str], SavedSearch], desk: Desk, id: str) -> SavedSearch:
    try:
        return use(desk, id)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _answer(desk: Desk, search: SavedSearch) -> SavedSearchAnswer:
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
        waiting=desk.outbox.waiting(search.id),
        last_sent_at=search.last_sent_at,
        created_at=search.created_at,
    )
