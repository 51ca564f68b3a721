"""Put the HTTP API together: routes, keys, error answers."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api.web import errors
from api.web.api import (
    articles,
    atom_feed,
    exports,
    health,
    hosts,
    metrics,
    openapi,
    saved_searches,
    search,
    sources,
    urls,
    websub_callback,
)
from api.web.api.openapi import Api
from api.web.auth.api_keys import Door, require, require_of_reader
from api.web.middleware.body_limits import Bodies
from api.web.middleware.etags import ETags
from api.web.middleware.head_requests import Heads
from api.web.middleware.security_headers import SecurityHeaders
from api.web.ui import page_route as page_problems
from api.web.ui import routes as pages
from worker.services.context import AppContext

#: Who may call what: the scope that a key needs.
ROUTES = (
    (urls.adding, "add"),
    (urls.router, "read"),
    (articles.router, "read"),
    (search.router, "read"),
    (exports.router, "read"),
    (sources.admin, "admin"),  # before what reads "discover" as a name
    (sources.router, "read"),
    (hosts.router, "read"),
    (hosts.admin, "admin"),
    (saved_searches.router, "admin"),
)
LOOPBACK_NAMES = ["127.0.0.1", "localhost", "::1", "[::1]"]


def create_app(context: AppContext) -> FastAPI:
    """The API over one desk. Where it opens without keys it answers to loopback names alone, so that no web page that a
    user happens to visit can reach it by a name of its own (DNS rebinding)."""
    about = "Queue URLs of news articles, read and search them."
    app = Api(title="Copydesk", version="1", description=about, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.context = context
    app.state.door = door = Door(context)
    for router, scope in ROUTES:
        app.include_router(router, prefix="/v1", dependencies=[Depends(require(scope))])
    app.include_router(atom_feed.router, prefix="/v1", dependencies=[Depends(require_of_reader)])
    app.include_router(health.router)
    app.include_router(websub_callback.router)
    for router in (metrics.router, openapi.router):
        app.include_router(router, dependencies=[Depends(require("read"))])
    app.include_router(pages.router)
    errors.install(app)
    page_problems.install(app)
    app.add_middleware(Bodies, door=door, most_bytes=context.settings.api_max_body_bytes)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(ETags)
    app.add_middleware(Heads)
    app.add_middleware(SecurityHeaders)
    if context.settings.api_cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=context.settings.api_cors_origins,
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match"],
            expose_headers=["Link", "ETag", "Retry-After"],
        )
    metrics.install(app)
    if door.opens_without_keys:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
    return app
