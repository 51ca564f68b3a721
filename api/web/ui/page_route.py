"""The route class of the pages: security headers on each answer, and errors that are pages, too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as StarletteHTTPException

from api.web.auth.session_cookie import session_key
from api.web.errors import RETRY_AFTER_S, answer_http_error, describe_unavailable
from api.web.ui.templates import page
from worker.errors import BadInput, Unavailable

#: Nothing is loaded from elsewhere and nothing inline runs. If text of a crawled page got through unescaped, it would
#: do nothing.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
#: For `/docs` only: the icons of Swagger UI are `data:` images. It needs no inline script or style.
DOCS_POLICY = POLICY.replace("img-src 'self'", "img-src 'self' data:")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers would hide the origin of our own forms, too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route of a page."""

    def get_route_handler(self) -> Handler:
        """Return the handler, which answers our own errors with a page."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await handler(request)
            except (HTTPException, BadInput, Unavailable) as e:
                response = _error_page(request, e)
            return _secured(request, response)

        return handle


def install(app: FastAPI) -> None:
    """Answer an unknown path with a page in browsers. Programs, and calls under `/v1`, get JSON."""

    async def handle(request: Request, error: Exception) -> Response:
        wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")
        if isinstance(error, StarletteHTTPException) and error.status_code in (404, 405) and wants_page:
            missing = HTTPException(error.status_code, f"Unknown page: {request.url.path}", error.headers)
            return _secured(request, _error_page(request, missing))
        return await answer_http_error(request, error)

    app.add_exception_handler(StarletteHTTPException, handle)


def _secured(request: Request, response: Response) -> Response:
    """Return the response with the security headers that it does not set itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store" if session_key(request) else "private, no-cache")
    return response


def _error_page(request: Request, error: Exception) -> Response:
    match error:
        case HTTPException(status_code=401):
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return page(request, "sign_in.html", 401, target=target, problem="")
        case HTTPException():
            response = page(request, "problem.html", error.status_code, message=error.detail)
            response.headers.update(error.headers or {})
            return response
        case Unavailable():
            response = page(request, "problem.html", 503, message=describe_unavailable(request, error))
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
            return response
        case _:
            return page(request, "problem.html", 422, message=str(error))
