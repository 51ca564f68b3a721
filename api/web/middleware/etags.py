"""Middleware that sends an unchanged answer only once: a weak ETag for each complete GET answer (RFC 9110, 8.8.3)."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ETags:
    """ASGI middleware that adds ETags and answers 304. Streams (answers without a length) pass unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a GET on, and tag its answer."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        pending: Message | None = None

        async def send_tagged(message: Message) -> None:
            nonlocal pending
            if message["type"] == "http.response.start" and _is_complete(message):
                pending = message
                return
            if pending is not None:
                start, pending = pending, None
                message = _tag(start, message, known)
                await send(start)
            await send(message)

        await self._app(scope, receive, send_tagged)


def _is_complete(start: Message) -> bool:
    return start["status"] == 200 and "content-length" in Headers(raw=start["headers"])


def _tag(start: Message, body: Message, known: str) -> Message:
    """Set the ETag, and return the body; both become a 304 without a body if the client has this answer."""
    headers = MutableHeaders(raw=start["headers"])
    etag = headers.get("etag") or f'W/"{hashlib.blake2b(body.get("body", b""), digest_size=12).hexdigest()}"'
    headers["etag"] = etag
    if _is_known(etag, known):
        start["status"] = 304
        del headers["content-length"]
        return {**body, "body": b""}
    return body


def _is_known(etag: str, known: str) -> bool:
    """Return True if If-None-Match names the ETag, or any (`*`); compared weakly (RFC 9110, section 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
