"""Checks of where a request comes from.

Browsers name the origin; other clients send nothing that a site could abuse.
"""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

#: Prefixes of the headers that proxies add. A client on this machine, which an API without keys trusts, sends none.
PROXY_HEADERS = ("forwarded", "x-forwarded-", "x-real-ip", "via")
FROM_ANOTHER_SITE = (
    "A page of another site sent this call. Set COPYDESK_API_KEYS, or name the site in COPYDESK_API_CORS_ORIGINS."
)
FROM_A_PROXY = (
    "This call came through a proxy, and an API without keys answers only to clients of this machine. "
    "Set COPYDESK_API_KEYS, or run `copydesk keys create`."
)


def check_local(request: Request, trusted_origins: Container[str] = (), *, is_page: bool = False) -> None:
    """Raise `HTTPException` 403 unless a call to an API without keys comes from this machine and from our own pages.

    Reading counts, too: an image of another site must not make this machine fetch or search. Pages of
    `trusted_origins` may call. A link on any site may lead to a page of ours (`is_page`).
    """
    if any(name.startswith(PROXY_HEADERS) for name in request.headers):
        raise HTTPException(403, FROM_A_PROXY)
    if not is_same_origin(request, trusted_origins) and not (is_page and _is_followed_link(request)):
        raise HTTPException(403, FROM_ANOTHER_SITE)


def is_same_origin(request: Request, trusted_origins: Container[str] = ()) -> bool:
    """Return True unless a page of another site sent the request, by Fetch Metadata or else by Origin."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if origin is not None and origin in trusted_origins:
        return True
    if site:
        return site in ("same-origin", "none")  # "none": the user typed the URL or opened a bookmark
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _is_followed_link(request: Request) -> bool:
    """Return True if a browser opens the URL as the page of a tab, not as a frame, an image or for a script."""
    headers = request.headers
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
