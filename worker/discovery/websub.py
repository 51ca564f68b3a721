"""WebSub (https://www.w3.org/TR/websub/), the subscriber's side of the wire: which hub a feed names, what is asked of
it, and whether what it posts is its own.

Where a hub is comes from the feed, so requests go through the guard of all fetching.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
from requests.utils import parse_header_links

from worker import urls
from worker.config.settings import Settings
from worker.discovery.discovered_link import absolute_url, verbatim_url
from worker.discovery.feeds import Feed
from worker.errors import FetchFailed
from worker.fetching.politeness import parse_retry_after
from worker.fetching.session import SHORT_BYTES, drain, host_of, open_session, translate_errors
from worker.fetching.ssrf_guard import AddressGuard
from worker.model.records import Fetched

TIMEOUT_S = 20.0
MOST_REDIRECTS = 3
REDIRECTS = (307, 308)  # the only ones that a hub may answer
METHODS = ("sha1", "sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class AdvertisedHub:
    """A feed can be subscribed to."""

    hub: str
    topic: str


def find_hub(feed: Feed, fetched: Fetched) -> AdvertisedHub | None:
    """What the Link headers of a feed's answer say, else the feed self_url. One that does not name its own address is
    known to its hub by the one it was fetched from."""
    hub = next((a for href in _linked(fetched, "hub") if (a := absolute_url(fetched.url, href))), feed.hub)
    self_url = next((a for href in _linked(fetched, "self") if (a := verbatim_url(fetched.url, href))), feed.self_url)
    return AdvertisedHub(hub, self_url or fetched.url) if hub else None


def _linked(fetched: Fetched, rel: str) -> list[str]:
    links = parse_header_links(fetched.headers.get("link", ""))
    return [str(link.get("url")) for link in links if rel in str(link.get("rel", "")).lower().split()]


class HubClient:
    """Asks hubs to tell us what is new, or to stop. Safe to share between threads; build one per process."""

    def __init__(self, settings: Settings) -> None:
        guard = AddressGuard(settings.fetch_allow_private, settings.fetch_allow_ports)
        self._session = open_session(settings, guard, total_s=TIMEOUT_S, most_bytes=SHORT_BYTES)

    def close(self) -> None:
        self._session.close()

    def ask(self, hub: str, mode: str, *, topic: str, callback: str, secret: str | None) -> None:
        """`mode` is "subscribe" or "unsubscribe". When this returns, the hub has taken the request; it grants it by a
        call to the callback, before or after that. `FetchFailed` where it does not take it."""
        form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
        if secret and mode == "subscribe":
            form["hub.secret"] = secret
        for _ in range(MOST_REDIRECTS + 1):
            target = self._ask(hub, form)
            if target is None:
                return
            if is_secure(hub) and not is_secure(target):
                raise FetchFailed("bad-redirect", f"{host_of(hub)} leads from https to {target}")
            hub = target
        raise FetchFailed("too-many-redirects", f"{host_of(hub)}: more than {MOST_REDIRECTS} redirects")

    def _ask(self, hub: str, form: dict[str, str]) -> str | None:
        """Where the hub sends us, or None when it has taken the request."""
        with translate_errors(hub):
            response = self._session.post(
                urls.clean(hub), data=form, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            )
        with response:
            said = _beginning(response)
            if response.status_code in REDIRECTS and (location := response.headers.get("location")):
                return absolute_url(hub, location) or _nowhere(hub, location)
            if not 200 <= response.status_code < 300:
                raise _refused(hub, response, said)
            return None


def _nowhere(hub: str, location: str) -> str:
    raise FetchFailed("bad-redirect", f"{host_of(hub)} leads to {location[:200]!r}")


def _beginning(response: requests.Response) -> str:
    """A hub says why it refuses in a line of text."""
    if response.status_code < 400:
        drain(response)
        return ""
    try:
        return " ".join(response.raw.read(200, decode_content=True).decode("utf-8", "replace").split())
    except Exception:  # whatever is wrong with the explanation, the status stands
        return ""


def _refused(hub: str, response: requests.Response, said: str) -> FetchFailed:
    status = response.status_code
    return FetchFailed(
        f"http-{status}",
        f"{host_of(hub)} answered {status}{': ' if said else ''}{said}",
        retry=status >= 500 or status == 429,
        retry_after_s=parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC)),
        status=status,
    )


def new_token() -> str:
    """Who knows it speaks for the hub: 256 random bits, in letters that an address carries as they are."""
    return secrets.token_urlsafe(32)


def is_secure(hub: str) -> bool:
    """Secrets are told by TLS alone (section 8.1)."""
    return urlsplit(hub).scheme == "https"


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Whether `X-Hub-Signature` is "method=hex" of this body (section 7.1)."""
    method, _, digest = signature.strip().partition("=")
    if method.lower() not in METHODS:
        return False
    expected = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode("utf-8", "replace"))
