"""Who may ask: clients that send one of the configured keys, or everybody on loopback where none is configured."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from worker.desk.parts import Desk

_bearer = HTTPBearer(auto_error=False, description="One of COPYDESK_API_KEYS")


def the_desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(the_desk)]


def require_key(desk: AtDesk, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
    """401 unless the request carries a key, where keys are configured."""
    keys = desk.settings.api_key_list
    if keys and not (given and any(hmac.compare_digest(given.credentials.encode(), k.encode()) for k in keys)):
        raise HTTPException(
            401, "Send one of the configured keys as 'Authorization: Bearer KEY'", {"WWW-Authenticate": "Bearer"}
        )
