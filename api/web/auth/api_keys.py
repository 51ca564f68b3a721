"""Authentication by API key, and authorization by the scopes of a key.

Keys come from `COPYDESK_API_KEYS` (all scopes) and from the catalog (`copydesk keys create`). Without any key, an API
on loopback trusts every client of this machine. The middleware authenticates each request once
(api/web/middleware/authentication.py); routes then name the scope that they need.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer
from redis.exceptions import RedisError
from starlette.types import Scope

from api.web.auth.brute_force import GuessLimit
from api.web.auth.exposure import has_keys, is_public
from api.web.auth.key_cache import KeyCache
from api.web.auth.same_origin import check_local
from api.web.errors import mark_authorized
from worker.services.context import AppContext
from worker.storage.catalog.api_keys import SCOPES

MINUTE_S = 60
TOO_MANY_GUESSES = "Too many wrong keys came from this address within a minute. Try again later."
MISSING_KEY = "A valid key is missing. Send one as 'Authorization: Bearer KEY'."
BEARER_CHALLENGE = {"WWW-Authenticate": "Bearer"}
FEED_CHALLENGE = {"WWW-Authenticate": 'Bearer, Basic realm="Copydesk"'}
_bearer = HTTPBearer(auto_error=False, description="A key: COPYDESK_API_KEYS, or one from `copydesk keys create`")
_basic = HTTPBasic(
    realm="Copydesk", auto_error=False, description="For feed readers: any user name, and a key as the password"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The client that sent a request."""

    id: str | None  #: id of its key, safe to log; None if no keys exist and loopback is trusted
    scopes: tuple[str, ...] = SCOPES
    rate_per_minute: int = 0  #: 0: no limit


class Credential(StrEnum):
    """The part of a request that carries the key."""

    HEADER = "header"  #: Authorization: Bearer; for feeds Basic, too
    COOKIE = "cookie"  #: opens the pages only


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """The result of authenticating one request."""

    credential: Credential
    needs_key: bool = True  #: False: no key exists, and clients of this machine are trusted
    caller: Caller | None = None  #: None: no key, or a wrong one
    error: Exception | None = None  #: why the key could not be checked


class Authenticator:
    """Finds the caller of a request by the key that it presents.

    The API may be open, without keys, only if it listens on loopback, has no public address and had no key when it
    started. An API that was closed at the start never opens, even if its last key is revoked.
    """

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._keys = KeyCache(context.catalog.api_keys)
        self._guesses = GuessLimit(context.redis, context.keys)
        self.trusted_origins = context.settings.api_cors_origins
        self.opens_without_keys = not is_public(context.settings) and not has_keys(context)

    def needs_key(self) -> bool:
        """Return True if a client must present a key now."""
        return not self.opens_without_keys or bool(self._context.settings.api_key_list) or self._keys.has_keys()

    def authenticate(self, presented: str | None, address: str, credential: Credential) -> Authentication:
        """Return who presents this key; an error is returned, not raised.

        An open API ignores cookies: one may be left from a time when there were keys.
        """
        try:
            needs_key = self.needs_key()
            if not needs_key and credential is Credential.COOKIE:
                presented = None
            caller = self._caller(presented, address) if presented is not None or needs_key else Caller(None)
        except Exception as e:
            return Authentication(credential=credential, error=e)
        return Authentication(credential=credential, needs_key=needs_key, caller=caller)

    def caller(self, presented: str, address: str) -> Caller | None:
        """Return the owner of a key, or None if the key is wrong.

        Raise `HTTPException` 429 for an address that has sent too many wrong keys. It then cannot test any further key,
        not even a right one, except the keys of the catalog, which cannot be guessed.
        """
        return self._caller(presented, address)

    def _caller(self, presented: str | None, address: str) -> Caller | None:
        if presented is None:
            return None
        now, limit = self._context.now(), self._context.settings.api_rate_per_minute
        if key := self._keys.check(presented, now):
            return Caller(key.id, key.scopes, limit if key.rate_per_minute is None else key.rate_per_minute)
        if wait_s := self._guesses.wait_s(address, now):
            raise HTTPException(429, TOO_MANY_GUESSES, {"Retry-After": str(wait_s)})
        for number, configured in enumerate(self._context.settings.api_key_list):
            if hmac.compare_digest(presented.encode("utf-8", "replace"), configured.encode()):
                return Caller(f"setting-{number}", rate_per_minute=limit)
        self._guesses.count(address, presented, now)
        return None


async def get_context(request: Request) -> AppContext:
    """Return the application context of the API."""
    context: AppContext = request.app.state.context
    return context


async def get_authenticator(request: Request) -> Authenticator:
    """Return the authenticator of the API."""
    authenticator: Authenticator = request.app.state.authenticator
    return authenticator


CurrentContext = Annotated[AppContext, Depends(get_context)]
CurrentAuthenticator = Annotated[Authenticator, Depends(get_authenticator)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Basic = Annotated[HTTPBasicCredentials | None, Depends(_basic)]


def require(scope: str) -> Callable[..., Caller]:
    """Return a dependency that lets a call pass if its key has the scope.

    It raises 401 without a valid key, 403 without the scope, and 429 beyond the rate or after too many wrong keys.
    While no key is needed, it raises 403 for calls from elsewhere (`check_local`).
    """

    def check(request: Request, _: Bearer) -> Caller:
        return authorize(request, Credential.HEADER, scope, BEARER_CHALLENGE)

    return check


def require_feed_reader(request: Request, _bearer: Bearer, _basic: Basic) -> Caller:
    """Let a call pass as `require("read")` does, and name HTTP Basic in a 401: feed readers send no other header."""
    return authorize(request, Credential.HEADER, "read", FEED_CHALLENGE)


def authorize(
    request: Request,
    credential: Credential,
    needed: str,
    challenge: dict[str, str] | None = None,
    *,
    is_page: bool = False,
) -> Caller:
    """Return the caller of an authenticated request if it may use the scope `needed`; count the call.

    Raise `HTTPException` 401, 403 or 429 as `require` says, or the error that prevented the authentication.
    """
    authentication = authentication_of(request.scope)
    if authentication is None or authentication.credential is not credential:
        raise RuntimeError(f"{request.url.path} takes a key from its {credential}: name it in the middleware")
    if authentication.error:
        raise authentication.error
    if not authentication.needs_key:
        check_local(request, request.app.state.authenticator.trusted_origins, is_page=is_page)
    caller = authentication.caller
    if caller is None:
        raise HTTPException(401, MISSING_KEY, challenge)
    if needed not in caller.scopes:
        raise HTTPException(403, f"This call needs the scope {needed}. This key has {', '.join(caller.scopes)}.")
    _count_call(request.app.state.context, caller)
    mark_authorized(request)
    return caller


def authentication_of(scope: Scope) -> Authentication | None:
    """Return the result that the middleware stored with a request, or None for a route that needs no key."""
    found: Authentication | None = scope.get("state", {}).get("authentication")
    return found


def _count_call(context: AppContext, caller: Caller) -> None:
    """Count one call of this minute; raise 429 beyond the rate. Without Redis, calls are not limited."""
    if not caller.id or not caller.rate_per_minute:
        return
    now = int(context.now().timestamp())
    key = context.keys.api_limit(f"{caller.id}:{now // MINUTE_S}")
    try:
        pipeline = context.redis.pipeline()
        pipeline.incr(key)
        pipeline.expire(key, 2 * MINUTE_S)
        calls = int(pipeline.execute()[0])
    except RedisError:
        return
    if calls > caller.rate_per_minute:
        wait_s = MINUTE_S - now % MINUTE_S
        detail = f"More than {caller.rate_per_minute} calls in a minute with this key. Try again in {wait_s} seconds."
        raise HTTPException(429, detail, {"Retry-After": str(wait_s)})
