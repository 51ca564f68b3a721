"""Where a request comes from: browsers say so, and other clients carry nothing that another site could abuse."""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import urlsplit

from fastapi import Request

SAFE = ("GET", "HEAD", "OPTIONS")  #: methods that change nothing


def is_ours(request: Request, friends: Container[str] = ()) -> bool:
    """Whether no page of another site sent this, `friends` (origins) excepted: by Fetch Metadata, else by Origin."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if origin is not None and origin in friends:
        return True
    if site:
        return site in ("same-origin", "none")  # "none": typed in, or from a bookmark
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
