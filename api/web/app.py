"""Put the HTTP API together: routes, keys, error answers."""

from __future__ import annotations

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api.web import articles, health, search, urls
from api.web.keys import require_key
from worker.desk.parts import Desk
from worker.errors import BadInput, Unavailable

LOOPBACK_NAMES = ["127.0.0.1", "localhost", "::1", "[::1]"]


def create_app(desk: Desk) -> FastAPI:
    """The API over one desk. Without API keys it answers to loopback names alone, so that no web page that a user
    happens to visit can reach it by a name of its own (DNS rebinding)."""
    app = FastAPI(title="Copydesk", version="1", description="Queue URLs of news articles, read and search them.")
    app.state.desk = desk
    for routes in (urls.router, articles.router, search.router):
        app.include_router(routes, prefix="/v1", dependencies=[Depends(require_key)])
    app.include_router(health.router)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    if not desk.settings.api_key_list:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
    return app


def _bad_input(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=422)


def _unavailable(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503, headers={"Retry-After": "5"})
