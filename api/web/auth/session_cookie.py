"""Who may see the pages: whoever may ask the API. The key travels in a cookie that no script and no other site can use.

The cookie opens the pages alone, which change nothing; `/v1` takes the key from its header only. So no other site
can make a visitor's browser do anything here.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from fastapi import Depends, HTTPException, Request, Response

from api.web.auth.api_keys import AtDoor, Door
from api.web.auth.brute_force import address_of
from api.web.auth.same_origin import check_local, is_ours
from api.web.errors import admitted
from worker.errors import BadInput

COOKIE = "copydesk_key"
MAX_AGE_S = 30 * 86400
MOST_FORM_BYTES = 10_000


def require_session(request: Request, door: AtDoor) -> None:
    """401 unless the cookie carries a key, where there are keys; 403 unless it may read; 429 beyond its rate or after
    too many wrong keys. While no key is needed, 403 for what others send (`check_local`)."""
    key = kept(request)
    if not door.needs_key():
        check_local(request, door.friends, is_page=True)
        key = None  # a cookie may be from the time when there were keys
    door.admit(key, address_of(request.scope), "read")
    admitted(request)


def require_same_origin(request: Request) -> None:
    """403 for a form that another site sends. Browsers say where a form came from; others have no cookies to abuse."""
    if not is_ours(request):
        raise HTTPException(403, "This form was sent from another site; open the page here and send it again")


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form of one line each. `BadInput` if it is too long to be one of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            raise BadInput("The form is too long")
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=10))
    except ValueError:
        raise BadInput("The form has too many fields") from None


Form = Annotated[dict[str, str], Depends(read_form)]


def kept(request: Request) -> str | None:
    """The key that the browser keeps."""
    return unquote(request.cookies.get(COOKIE, "")) or None


def opens(door: Door, request: Request, key: str) -> bool:
    """Whether this key lets one see the pages. 429 for who has guessed too often."""
    who = door.caller(key, address_of(request.scope))
    return who is not None and "read" in who.scopes


def keep(response: Response, request: Request, key: str) -> None:
    """Let the browser send the key with each page from now on."""
    response.set_cookie(
        COOKIE,
        quote(key, safe=""),
        max_age=MAX_AGE_S,
        httponly=True,
        samesite="strict",
        secure=request.app.state.context.settings.api_https or request.url.scheme == "https",
    )


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def local_path(target: str) -> str:
    """Where to go after signing in: an address on this site, else the search page."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_local and not urlsplit(target).netloc else "/"
