"""Middleware that authenticates each request once. Routes read the result; see api/web/auth/api_keys.py."""

from __future__ import annotations

import base64
import binascii

from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.web.auth.api_keys import Authenticator, Credential
from api.web.auth.brute_force import client_address
from api.web.auth.session_cookie import session_key

#: Paths that need no key. A WebSub callback checks the token in its path; the sign-in form checks the key in its body.
OPEN_PATHS = ("/healthz", "/readyz", "/websub/", "/static/", "/sign-in", "/sign-out")
#: Paths that take the key from the header. All others are pages, which take it from the cookie.
HEADER_PATHS = ("/v1/", "/metrics", "/openapi.json")
FEED_PATH = "/v1/search.atom"


class AuthenticationMiddleware:
    """ASGI middleware that stores an `Authentication` in the state of each request that may need a key."""

    def __init__(self, app: ASGIApp, *, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Authenticate the request, then pass it on."""
        if scope["type"] == "http" and not scope["path"].startswith(OPEN_PATHS):
            key, credential = presented_key(scope)
            authenticate = self._authenticator.authenticate
            found = await run_in_threadpool(authenticate, key, client_address(scope), credential)
            scope.setdefault("state", {})["authentication"] = found
        await self._app(scope, receive, send)


def presented_key(scope: Scope) -> tuple[str | None, Credential]:
    """Return the key that a request presents, and the part of the request that carries it."""
    path = scope["path"]
    if not path.startswith(HEADER_PATHS):
        return session_key(HTTPConnection(scope)), Credential.COOKIE
    scheme, value = get_authorization_scheme_param(Headers(scope=scope).get("authorization"))
    if scheme.lower() == "bearer":
        return value or None, Credential.HEADER
    if scheme.lower() == "basic" and path == FEED_PATH:
        return _password(value), Credential.HEADER
    return None, Credential.HEADER


def _password(encoded: str) -> str | None:
    """Return the password of HTTP Basic, or None if it cannot be decoded."""
    try:
        _, colon, password = base64.b64decode(encoded).decode("ascii").partition(":")
    except (ValueError, UnicodeDecodeError, binascii.Error):
        return None
    return password if colon else None
