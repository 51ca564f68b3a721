"""/healthz: the process lives. /readyz: it can do its work."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError

from api.web.keys import AtDesk
from worker.errors import CopydeskError

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive?")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="Do broker and index answer?")
def readyz(desk: AtDesk) -> JSONResponse:
    """200, or 503 with the part that does not answer."""
    parts = {"broker": "ok", "index": "ok"}
    try:
        desk.redis.ping()
    except RedisError as e:
        parts["broker"] = str(e)
    try:
        desk.index.check()
    except CopydeskError as e:
        parts["index"] = str(e)
    ready = all(state == "ok" for state in parts.values())
    return JSONResponse(parts, status_code=200 if ready else 503)
