"""The FastAPI application: routes, middleware and error answers."""

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
from api.web.auth.api_keys import Authenticator, require, require_feed_reader
from api.web.middleware.authentication import AuthenticationMiddleware
from api.web.middleware.body_limits import BodyLimits
from api.web.middleware.etags import ETags
from api.web.middleware.head_requests import HeadRequests
from api.web.middleware.security_headers import SecurityHeaders
from api.web.ui import page_route
from api.web.ui import routes as pages
from worker.services.context import AppContext

#: Routers under /v1, each with the scope that a key needs.
ROUTES = (
    (urls.adding, "add"),
    (urls.router, "read"),
    (articles.router, "read"),
    (search.router, "read"),
    (exports.router, "read"),
    (sources.admin, "admin"),  # before the router that reads "discover" as the name of a source
    (sources.router, "read"),
    (hosts.router, "read"),
    (hosts.admin, "admin"),
    (saved_searches.router, "admin"),
)
LOOPBACK_NAMES = ["127.0.0.1", "localhost", "::1", "[::1]"]


def create_app(context: AppContext) -> FastAPI:
    """Return the HTTP API and its pages.

    An API that is open without keys answers only to loopback names, so that a web page cannot reach it by a name of its
    own (DNS rebinding).
    """
    about = "Queue URLs of news articles, read and search them."
    app = Api(title="Copydesk", version="1", description=about, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.context = context
    app.state.authenticator = authenticator = Authenticator(context)
    _add_routes(app)
    errors.install(app)
    page_route.install(app)
    _add_middleware(app, authenticator, context)
    return app


def _add_routes(app: FastAPI) -> None:
    for router, scope in ROUTES:
        app.include_router(router, prefix="/v1", dependencies=[Depends(require(scope))])
    app.include_router(atom_feed.router, prefix="/v1", dependencies=[Depends(require_feed_reader)])
    app.include_router(health.router)
    app.include_router(websub_callback.router)
    for router in (metrics.router, openapi.router):
        app.include_router(router, dependencies=[Depends(require("read"))])
    app.include_router(pages.router)


def _add_middleware(app: FastAPI, authenticator: Authenticator, context: AppContext) -> None:
    """Add the middleware, from the innermost to the outermost."""
    app.add_middleware(BodyLimits, max_bytes=context.settings.api_max_body_bytes)
    app.add_middleware(AuthenticationMiddleware, authenticator=authenticator)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(ETags)
    app.add_middleware(HeadRequests)
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
    if authenticator.opens_without_keys:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
