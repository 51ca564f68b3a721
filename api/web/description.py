"""/openapi.json: the API described to programs. Pages of ours show the same at /docs; FastAPI's own would load their
script from elsewhere and open to anybody."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json", summary="This API, described to programs")
def openapi(request: Request) -> dict[str, Any]:
    described: dict[str, Any] = request.app.openapi()
    return described
