"""URLs as identities: what is the same address, which site and which host it belongs to."""

from __future__ import annotations

import hashlib
from functools import cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList
from w3lib.url import canonicalize_url, safe_url_string, url_query_cleaner

from worker.errors import BadInput
from worker.records import Target

TRACKING = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "fbclid", "gclid")


def canonicalize(url: str) -> str:
    """The one spelling of a URL. `BadInput` for what is no http(s) URL."""
    url = safe_url_string(url.strip())
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"{url!r} is not a web address; give one that begins with http:// or https://")
    return canonicalize_url(url_query_cleaner(url, TRACKING, remove=True))


def url_id(canonical_url: str) -> str:
    """32 hex digits that stand for a canonical URL in ledger and index."""
    return hashlib.blake2b(canonical_url.encode(), digest_size=16).hexdigest()


def origin(url: str) -> str:
    """`scheme://host[:port]`, lower case, default ports left out: what politeness goes by."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def site(url: str) -> str:
    """The registrable domain ("bbc.co.uk"); of an IP address or a bare name, host and port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.replace(".", "").isdigit() or ":" in host or "." not in host:
        return parts.netloc.lower()
    return _suffixes().privatesuffix(host) or host


def target(url: str, *, source: str = "", hops: int = 0, force: bool = False) -> Target:
    """A URL as the ledger takes it. `BadInput` for what is no http(s) URL."""
    canonical = canonicalize(url)
    return Target(
        id=url_id(canonical),
        url=url.strip(),
        canonical_url=canonical,
        host=origin(canonical),
        source=source,
        hops=hops,
        force=force,
    )


def is_home(url: str) -> bool:
    """Whether it is a site's front page rather than a page in it."""
    parts = urlsplit(url)
    return parts.path.strip("/") == "" and not parts.query
