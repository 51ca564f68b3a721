"""Who may ask for what: clients that present a key, or everybody on loopback where there is no key at all.

Keys come from `COPYDESK_API_KEYS` (all scopes) and from the catalog (`copydesk keys create`). What a client presents is
checked in one place, `Door.caller`; routes name the scope that they need.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer
from redis.exceptions import RedisError

from api.web.auth.brute_force import Guesses, address_of
from api.web.auth.exposure import has_keys, is_public
from api.web.auth.same_origin import check_local
from api.web.errors import admitted
from worker.services.context import AppContext
from worker.storage.catalog.api_keys import SCOPES

MINUTE_S = 60
LIMITS = "copydesk:limit:"
GUESSING = "Too many wrong keys came from this address within a minute"
MISSING = "Send a key as 'Authorization: Bearer KEY'"
CHALLENGE = {"WWW-Authenticate": "Bearer"}
_bearer = HTTPBearer(auto_error=False, description="A key: COPYDESK_API_KEYS, or one from `copydesk keys create`")
_basic = HTTPBasic(
    realm="Copydesk", auto_error=False, description="For feed readers: any user name, and a key as the password"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `id` is safe to log; None where no keys exist and loopback is trusted."""

    id: str | None
    scopes: tuple[str, ...] = SCOPES
    rate_per_minute: int = 0  #: 0: no limit


class Door:
    """Lets callers in. Whether it may ever stand open is decided once, when the API starts: on loopback, without keys,
    and with no address or proxy by which the world reaches it.
    Keys that are revoked later never open what was closed then."""

    def __init__(self, context: AppContext) -> None:
        self._desk = context
        self._guesses = Guesses(context.redis)
        self.friends = context.settings.api_cors_origins
        self.opens_without_keys = not is_public(context.settings) and not has_keys(context)

    def needs_key(self) -> bool:
        """Whether a key must be presented now."""
        return not self.opens_without_keys or has_keys(self._desk)

    def caller(self, presented: str | None, address: str) -> Caller | None:
        """Whose key this is; None if it is nobody's. `HTTPException` 429 for an address that has guessed too often:
        even the right key is then not told from a wrong one, unless it is one that cannot be guessed."""
        if presented is None:
            return None if self.needs_key() else Caller(None)
        now, limit = self._desk.now(), self._desk.settings.api_rate_per_minute
        if key := self._desk.catalog.api_keys.check(presented, now):
            return Caller(key.id, key.scopes, limit if key.rate_per_minute is None else key.rate_per_minute)
        if wait_s := self._guesses.wait_s(address, now):
            raise HTTPException(429, GUESSING, {"Retry-After": str(wait_s)})
        for number, configured in enumerate(self._desk.settings.api_key_list):
            if hmac.compare_digest(presented.encode("utf-8", "replace"), configured.encode()):
                return Caller(f"setting-{number}", rate_per_minute=limit)
        self._guesses.count(address, presented, now)
        return None

    def admit(self, presented: str | None, address: str, scope: str) -> Caller:
        """Who presents this key; one call is counted. `HTTPException` 401, 403 or 429 as `require` says."""
        who = self.caller(presented, address)
        if who is None:
            raise HTTPException(401, MISSING, CHALLENGE)
        if scope not in who.scopes:
            raise HTTPException(403, f"This key may {', '.join(who.scopes)}; this call needs the scope {scope}")
        _count(self._desk, who)
        return who


def the_desk(request: Request) -> AppContext:
    context: AppContext = request.app.state.context
    return context


def the_door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


AtDesk = Annotated[AppContext, Depends(the_desk)]
AtDoor = Annotated[Door, Depends(the_door)]
Presented = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def require(scope: str) -> Callable[..., Caller]:
    """A dependency: 401 without a valid key, 403 without the scope, 429 beyond the rate or after too many wrong keys.
    While no key is needed, 403 for what others send (`check_local`)."""

    def check(request: Request, door: AtDoor, given: Presented) -> Caller:
        if not door.needs_key():
            check_local(request, door.friends)
        who = door.admit(given.credentials if given else None, address_of(request.scope), scope)
        admitted(request)
        return who

    return check


def require_of_reader(
    request: Request, door: AtDoor, given: Presented, basic: Annotated[HTTPBasicCredentials | None, Depends(_basic)]
) -> Caller:
    """As `require("read")`, and the key may come as the password of HTTP Basic, since feed readers can send no other
    header."""
    if not door.needs_key():
        check_local(request, door.friends)
    key = given.credentials if given else basic.password if basic else None
    try:
        who = door.admit(key, address_of(request.scope), "read")
    except HTTPException as e:
        if e.status_code == 401:
            e.headers = {"WWW-Authenticate": 'Bearer, Basic realm="Copydesk"'}
        raise
    admitted(request)
    return who


def _count(context: AppContext, who: Caller) -> None:
    """One more request of this minute. Redis away: no limit, since answering matters more."""
    if not who.id or not who.rate_per_minute:
        return
    now = int(context.now().timestamp())
    key = f"{LIMITS}{who.id}:{now // MINUTE_S}"
    try:
        pipeline = context.redis.pipeline()
        pipeline.incr(key)
        pipeline.expire(key, 2 * MINUTE_S)
        asked = int(pipeline.execute()[0])
    except RedisError:
        return
    if asked > who.rate_per_minute:
        wait = MINUTE_S - now % MINUTE_S
        raise HTTPException(429, f"More than {who.rate_per_minute} calls in a minute", {"Retry-After": str(wait)})
