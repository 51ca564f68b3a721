"""The session of the pages: a cookie with an API key, which no script and no other site can read.

The cookie opens only the pages, which change nothing; `/v1` takes the key from its header. So another site cannot make
a visitor's browser change anything here.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from fastapi import Depends, HTTPException, Request, Response
from starlette.requests import HTTPConnection

from api.web.auth.api_keys import Authenticator, Credential, authorize
from api.web.auth.brute_force import client_address
from api.web.auth.same_origin import is_same_origin
from worker.errors import BadInput

COOKIE = "copydesk_key"
MAX_AGE_S = 30 * 86400
MAX_FORM_BYTES = 10_000


def require_session(request: Request) -> None:
    """Let a request pass if its cookie carries a key with the scope `read`.

    Raise `HTTPException` 401 without a valid key, 403 without the scope, 429 beyond the rate or after too many wrong
    keys. While no key is needed, raise 403 for requests from elsewhere (`check_local`).
    """
    authorize(request, Credential.COOKIE, "read", is_page=True)


def require_same_origin(request: Request) -> None:
    """Raise `HTTPException` 403 for a form that another site sends.

    Browsers say where a form comes from; other clients have no cookies that a site could abuse.
    """
    if not is_same_origin(request):
        raise HTTPException(403, "Another site sent this form. Open the page here and send the form again.")


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form, each of one line. Raise `BadInput` if it is longer than our forms are."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise BadInput(f"The form is longer than {MAX_FORM_BYTES:,} bytes. Send it from the sign-in page.")
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=10))
    except ValueError:
        raise BadInput("The form has more than 10 fields. Send it from the sign-in page.") from None


Form = Annotated[dict[str, str], Depends(read_form)]


def session_key(request: HTTPConnection) -> str | None:
    """Return the key in the browser's cookie."""
    return unquote(request.cookies.get(COOKIE, "")) or None


def may_sign_in(authenticator: Authenticator, request: Request, key: str) -> bool:
    """Return True if this key opens the pages. Raise `HTTPException` 429 after too many wrong keys."""
    caller = authenticator.caller(key, client_address(request.scope))
    return caller is not None and "read" in caller.scopes


def set_session(response: Response, request: Request, key: str) -> None:
    """Let the browser send the key with each page from now on."""
    response.set_cookie(
        COOKIE,
        quote(key, safe=""),
        max_age=MAX_AGE_S,
        httponly=True,
        samesite="strict",
        secure=request.app.state.context.settings.api_https or request.url.scheme == "https",
    )


def end_session(response: Response) -> None:
    """Let the browser delete the key."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def local_path(target: str) -> str:
    """Return the path to open after signing in: `target` if it is a path of this site, else the search page."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_local and not urlsplit(target).netloc else "/"
