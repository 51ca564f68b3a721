"""What all pages share: security headers, and errors that are pages, too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from api.pages.rendering import page
from api.pages.session import kept
from api.web.problems import why_unavailable
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
            response.headers.update(HEADERS)
            response.headers.setdefault("Cache-Control", "no-store" if kept(request) else "private, no-cache")
            return response

        return handle


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
            response = page(request, "problem.html", 503, message=why_unavailable(request, error))
            response.headers["Retry-After"] = "5"
            return response
        case _:
            return page(request, "problem.html", 422, message=str(error))
