"""/healthz: the process is alive. /readyz: it can do its work."""

from __future__ import annotations

import logging

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError

from api.web.auth.api_keys import CurrentContext
from worker.errors import CopydeskError

log = logging.getLogger(__name__)
router = APIRouter(tags=["health"])
NO_ANSWER = "does not answer"
PARTS = {"application/json": {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}}


@router.get("/healthz", summary="Is the process alive?")
def healthz() -> dict[str, str]:
    """Return 200 while the process is alive."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    summary="Do broker and index answer?",
    responses={200: {"content": PARTS}, 503: {"description": "A part does not answer", "content": PARTS}},
)
def readyz(context: CurrentContext) -> JSONResponse:
    """Return 200, or 503 with the part that does not answer. The log has the reason, since this call needs no key."""
    parts = {"broker": "ok", "index": "ok"}
    try:
        context.redis.ping()
    except RedisError as e:
        parts["broker"] = NO_ANSWER
        log.warning("The broker does not answer: %s", e)
    try:
        context.index.check()
    except CopydeskError as e:
        parts["index"] = NO_ANSWER
        log.warning("The index does not answer: %s", e)
    ready = all(state == "ok" for state in parts.values())
    return JSONResponse(parts, status_code=200 if ready else 503)
