"""/websub: the callback for WebSub hubs. They have no API key: the callback URL of each subscription holds a token."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from api.web.api.openapi import problem
from api.web.auth.api_keys import CurrentContext
from worker.services.sources import websub

router = APIRouter(tags=["websub"])
PATH = "/websub/{token}/{source:path}"
MAX_CHALLENGE_CHARS = 2000
NOT_SUBSCRIBED = "Unknown subscription: this server has not subscribed to this topic, or has cancelled it."


@router.get(PATH, summary="A hub verifies a subscription", response_class=PlainTextResponse)
def confirm(
    token: str,
    source: str,
    context: CurrentContext,
    mode: Annotated[str, Query(alias="hub.mode")],
    topic: Annotated[str, Query(alias="hub.topic")] = "",
    challenge: Annotated[str, Query(alias="hub.challenge", max_length=MAX_CHALLENGE_CHARS)] = "",
    lease_seconds: Annotated[str, Query(alias="hub.lease_seconds")] = "",
    reason: Annotated[str, Query(alias="hub.reason")] = "",
) -> str:
    """Return the challenge unchanged, which confirms the subscription; 404 for one that we did not request."""
    if mode == "denied":
        websub.denied(context, source, token, topic, reason)
        return ""
    lease_s = float(lease_seconds[:12]) if lease_seconds.isascii() and lease_seconds.isdigit() else None
    if not websub.confirm(context, source, token, mode, topic, lease_s):
        raise HTTPException(404, NOT_SUBSCRIBED)
    return challenge


@router.post(
    PATH, status_code=202, summary="A hub delivers new entries", responses={410: problem(410), 413: problem(413)}
)
async def receive(token: str, source: str, context: CurrentContext, request: Request) -> None:
    """Accept the feed or its new entries, signed with the subscription's secret. 410 tells the hub to stop."""
    if not await run_in_threadpool(websub.is_known, context, source, token):
        raise HTTPException(410, NOT_SUBSCRIBED)
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    signature = request.headers.get("x-hub-signature", "")
    await run_in_threadpool(websub.receive, context, source, token, body, content_type, signature)
