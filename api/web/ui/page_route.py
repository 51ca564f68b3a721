"""What all pages share: security headers, and errors that are pages, too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as NotRouted

from api.web.auth.session_cookie import session_key
from api.web.errors import answer_http_error, describe_unavailable
from api.web.ui.templates import page
from worker.errors import BadInput, Unavailable

#: Nothing is loaded from elsewhere and nothing inline runs, so that text of a page that slipped through would be inert.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
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
    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await handler(request)
            except (HTTPException, BadInput, Unavailable) as e:
                response = _problem(request, e)
            return _guarded(request, response)

        return handle


def install(app: FastAPI) -> None:
    """An address that leads nowhere is a page, too, for a browser; programs and `/v1` get what they got before."""

    async def handle(request: Request, error: Exception) -> Response:
        for_people = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")
        if isinstance(error, NotRouted) and error.status_code in (404, 405) and for_people:
            missing = HTTPException(error.status_code, f"There is no page at {request.url.path}", error.headers)
            return _guarded(request, _problem(request, missing))
        return await answer_http_error(request, error)

    app.add_exception_handler(NotRouted, handle)


def _guarded(request: Request, response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store" if session_key(request) else "private, no-cache")
    return response


def _problem(request: Request, error: Exception) -> Response:
    match error:
        case HTTPException(status_code=401):
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return page(request, "sign_in.html", 401, target=asked, problem="")
        case HTTPException():
            response = page(request, "problem.html", error.status_code, message=error.detail)
            response.headers.update(error.headers or {})
            return response
        case Unavailable():
            response = page(request, "problem.html", 503, message=describe_unavailable(request, error))
            response.headers["Retry-After"] = "5"
            return response
        case _:
            return page(request, "problem.html", 422, message=str(error))
