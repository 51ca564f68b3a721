"""Where a request comes from: browsers say so, and other clients carry nothing that another site could abuse."""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

#: How the headers begin that proxies add to what they pass on; nobody whom we trust for being on this machine sends it.
FORWARDED = ("forwarded", "x-forwarded-", "x-real-ip", "via")
FOREIGN = "This call was sent by a page of another site; set keys, or name the site in COPYDESK_API_CORS_ORIGINS"
PASSED_ON = (
    "This call came through a proxy, and an API without keys answers to this machine alone: "
    "set COPYDESK_API_KEYS or run `copydesk keys create`"
)


def check_local(request: Request, friends: Container[str] = (), *, is_page: bool = False) -> None:
    """For an API without keys: `HTTPException` 403 for what a proxy passed on, and for what a page of another site
    sends, `friends` (origins) excepted. Reading counts, too: an image of another site must neither make this machine
    fetch nor search. A link that leads to a page of ours (`is_page`) may be followed from anywhere."""
    if any(name.startswith(FORWARDED) for name in request.headers):
        raise HTTPException(403, PASSED_ON)
    if not is_ours(request, friends) and not (is_page and _is_followed_link(request)):
        raise HTTPException(403, FOREIGN)


def is_ours(request: Request, friends: Container[str] = ()) -> bool:
    """Whether no page of another site sent this, `friends` (origins) excepted: by Fetch Metadata, else by Origin."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if origin is not None and origin in friends:
        return True
    if site:
        return site in ("same-origin", "none")  # "none": typed in, or from a bookmark
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _is_followed_link(request: Request) -> bool:
    """Whether a browser opens it as the page of a tab: not as a frame, an image, or for a script."""
    headers = request.headers
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
