"""Answers that have not changed are not sent again: a weak ETag for each whole GET answer (RFC 9110, section 8.8.3)."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ETags:
    """ASGI middleware. Streams (answers without a length) pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        held: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_whole(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                message = _tag(start, message, known)
                await send(start)
            await send(message)

        await self._app(scope, receive, tagged)


def _is_whole(start: Message) -> bool:
    return start["status"] == 200 and "content-length" in Headers(raw=start["headers"])


def _tag(start: Message, body: Message, known: str) -> Message:
    """Set the ETag; turn the answer into a 304 where the client has it."""
    headers = MutableHeaders(raw=start["headers"])
    etag = headers.get("etag") or f'W/"{hashlib.blake2b(body.get("body", b""), digest_size=12).hexdigest()}"'
    headers["etag"] = etag
    if _is_known(etag, known):
        start["status"] = 304
        del headers["content-length"]
        return {**body, "body": b""}
    return body


def _is_known(etag: str, known: str) -> bool:
    """Whether If-None-Match names it, or anything (`*`); compared weakly (RFC 9110, section 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
