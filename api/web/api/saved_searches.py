"""/v1/searches: saved searches, whose matches go to webhooks and to the event stream.

All calls need the scope admin: webhook URLs may be secret, and they make this server send requests.
"""

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
    """A search to save."""

    name: StorableText = Field(max_length=saved_searches.MAX_NAME_CHARS, examples=["Floods in the north"])
    q: StorableText = Field(
        "",
        description="a query as in GET /v1/search; empty matches every article",
        examples=["flood OR storm -football"],
    )
    filters: dict[StorableText, list[StorableText]] = Field(
        {},
        description="by field, the allowed values; the fields are those of GET /v1/search",
        examples=[{"lang": ["en"]}],
    )
    since: StorableText | None = Field(None, description="published at or after")
    until: StorableText | None = Field(None, description="published before")
    scope: StorableText = Field("all", description="all, headline, body or captions")
    webhook: StorableText | None = Field(
        None, description="https://…; without one, matches go only to the event stream"
    )


class SavedSearchAnswer(BaseModel):
    """A saved search and the state of its webhook."""

    id: str
    name: str
    q: str
    filters: dict[str, list[str]]
    since: datetime | None
    until: datetime | None
    scope: str
    webhook: str | None
    paused: bool
    problem: str | None = Field(description="the last error of the webhook, until a delivery succeeds")
    failures_in_row: int
    waiting: int = Field(description="deliveries that wait to be sent")
    last_sent_at: datetime | None
    created_at: datetime


class NewSavedSearchAnswer(SavedSearchAnswer):
    """A search that was just saved."""

    secret: str | None = Field(description="signs the deliveries to the webhook; it is not shown again")
    found: int = Field(description="number of articles that match now; they are not sent")
    notes: list[str] = Field(description="how an unusual query was read")


class TestAnswer(BaseModel):
    """The result of a test delivery."""

    status: int | None = Field(description="HTTP status of the webhook's answer")
    problem: str | None = Field(description="why the delivery failed")


@router.post("/searches", status_code=201, summary="Save a search")
def add_search(body: NewSearch, context: CurrentContext) -> NewSavedSearchAnswer:
    """Save a search. Each new or changed article that matches is sent to the webhook and to the event stream.

    The answer has the secret that signs the deliveries.
    """
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
    """Return all saved searches with the state of their webhooks."""
    return [_answer(context, s) for s in context.catalog.saved_searches.all()]


@router.get("/searches/{id}", summary="One saved search")
def get_search(id: str, context: CurrentContext) -> SavedSearchAnswer:
    """Return a saved search with the state of its webhook."""
    return _answer(context, _get_or_404(saved_searches.find, context, id))


@router.post("/searches/{id}/pause", summary="Pause a saved search")
def pause_search(id: str, context: CurrentContext) -> SavedSearchAnswer:
    """Pause a saved search: it matches no articles, and deliveries that wait are kept."""
    return _answer(context, _get_or_404(saved_searches.pause, context, id))


@router.post("/searches/{id}/resume", summary="Resume a paused search")
def resume_search(id: str, context: CurrentContext) -> SavedSearchAnswer:
    """Resume a saved search and send the deliveries that wait."""
    return _answer(context, _get_or_404(saved_searches.resume, context, id))


@router.post("/searches/{id}/test", summary="Test the webhook of a saved search")
def test_search(id: str, context: CurrentContext) -> TestAnswer:
    """Send the newest matching article to the webhook once, as the event `search.test`."""
    tried = try_out(context, _get_or_404(saved_searches.find, context, id))
    return TestAnswer(status=tried.status, problem=tried.problem)


@router.delete("/searches/{id}", status_code=204, summary="Delete a saved search")
def remove_search(id: str, context: CurrentContext) -> None:
    """Delete a saved search and the deliveries that wait."""
    try:
        saved_searches.remove(context, id)
    except BadInput as e:
        raise HTTPException(404, str(e)) from None


def _get_or_404(use: Callable[[AppContext, str], SavedSearch], context: AppContext, id: str) -> SavedSearch:
    """Return the result of `use`. Raise 404 for an unknown search."""
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
