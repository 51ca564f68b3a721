"""Middleware that limits request bodies: a bounded size, and no body is read before its sender's key is known."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.auth.api_keys import BEARER_CHALLENGE, MISSING_KEY, authentication_of

METHODS_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
API_PREFIX = "/v1/"


class BodyLimits:
    """ASGI middleware, inside the authentication.

    It answers 401 to a body from a client without a valid key, before it reads any of the body, and 413 to a body that
    is too long, whether the client announces its length (Content-Length) or not. The routes check the key's scope.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._too_long = (
            f"The body is longer than {max_bytes:,} bytes. Send less, or raise COPYDESK_API_MAX_BODY_BYTES."
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 413, or pass the request on with a bounded body."""
        if scope["type"] != "http" or scope["method"] in METHODS_WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if refusal := _refusal(scope):
            await refusal(scope, receive, send)
        elif length.isdecimal() and int(length) > self._max_bytes:
            await JSONResponse({"detail": self._too_long}, 413)(scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive), send)

    def _bounded(self, receive: Receive) -> Receive:
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise HTTPException(413, self._too_long)
            return message

        return count


def _refusal(scope: Scope) -> JSONResponse | None:
    """Return the answer to a client of the API without a valid key. If a store does not answer, the route says so."""
    found = authentication_of(scope)
    if found is None or not scope["path"].startswith(API_PREFIX):
        return None
    if isinstance(found.error, HTTPException):
        return JSONResponse({"detail": found.error.detail}, found.error.status_code, found.error.headers)
    if found.error or found.caller:
        return None
    return JSONResponse({"detail": MISSING_KEY}, 401, BEARER_CHALLENGE)
