"""What clients may send: bodies of a bounded size, and none that is read before its sender's key is known."""

from __future__ import annotations

from fastapi import HTTPException
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.auth.api_keys import CHALLENGE, MISSING, Door
from api.web.auth.brute_force import address_of
from worker.errors import CopydeskError

BODILESS = ("GET", "HEAD", "OPTIONS")
KEYED = "/v1/"  #: addresses that take a key from the header


class Bodies:
    """ASGI middleware: 401 for a body of somebody without a key, before any of it is read; 413 for one that is too
    long, whether it says so (Content-Length) or not. The routes ask for the key's scope afterwards."""

    def __init__(self, app: ASGIApp, *, door: Door, most_bytes: int) -> None:
        self._app = app
        self._door = door
        self._most_bytes = most_bytes
        self._too_long = f"A body may have {most_bytes:,} bytes; send less or raise COPYDESK_API_MAX_BODY_BYTES"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in BODILESS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if scope["path"].startswith(KEYED) and (refusal := await run_in_threadpool(self._refusal, scope, headers)):
            await refusal(scope, receive, send)
        elif length.isdecimal() and int(length) > self._most_bytes:
            await JSONResponse({"detail": self._too_long}, 413)(scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive), send)

    def _refusal(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        """The key read as the routes read it. A store that does not answer is theirs to explain."""
        scheme, key = get_authorization_scheme_param(headers.get("authorization"))
        try:
            if self._door.caller(key if scheme.lower() == "bearer" and key else None, address_of(scope)):
                return None
        except CopydeskError:
            return None
        except HTTPException as e:
            return JSONResponse({"detail": e.detail}, e.status_code, e.headers)
        return JSONResponse({"detail": MISSING}, 401, CHALLENGE)

    def _bounded(self, receive: Receive) -> Receive:
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most_bytes:
                raise HTTPException(413, self._too_long)
            return message

        return count
