"""The subscriber's side of WebSub (https://www.w3.org/TR/websub/): hubs of feeds, requests to them, signatures.

A feed chooses the URL of its hub, so requests to hubs pass the same address guard as all fetching.
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
from worker.model.reasons import Reason
from worker.model.records import Fetched

TIMEOUT_S = 20.0
MAX_REDIRECTS = 3
REDIRECTS = (307, 308)  # the only redirects that the specification allows
SIGNATURE_METHODS = ("sha1", "sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class AdvertisedHub:
    """The hub of a feed, and the URL by which the hub knows the feed."""

    hub: str
    topic: str


def find_hub(feed: Feed, fetched: Fetched) -> AdvertisedHub | None:
    """Return the hub that the Link headers of the response name, else the one that the feed names, else None.

    The topic of a feed that does not name its own URL is the URL from which it was fetched.
    """
    hub = next((u for href in _link_header(fetched, "hub") if (u := absolute_url(fetched.url, href))), feed.hub)
    self_urls = (verbatim_url(fetched.url, href) for href in _link_header(fetched, "self"))
    self_url = next((u for u in self_urls if u), feed.self_url)
    return AdvertisedHub(hub, self_url or fetched.url) if hub else None


def _link_header(fetched: Fetched, rel: str) -> list[str]:
    links = parse_header_links(fetched.headers.get("link", ""))
    return [str(link.get("url")) for link in links if rel in str(link.get("rel", "")).lower().split()]


class HubClient:
    """Client that subscribes at hubs. Threads may share it. Build one per process."""

    def __init__(self, settings: Settings) -> None:
        guard = AddressGuard(settings.fetch_allow_private, settings.fetch_allow_ports)
        self._session = open_session(settings, guard, total_s=TIMEOUT_S, max_bytes=SHORT_BYTES)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def send(self, hub: str, mode: str, *, topic: str, callback: str, secret: str | None) -> None:
        """Send a request to a hub. `mode` is "subscribe" or "unsubscribe".

        On return the hub has accepted the request. It confirms it with a request to the callback, before or after
        that. Raise `FetchFailed` if the hub does not accept it.
        """
        form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
        if secret and mode == "subscribe":
            form["hub.secret"] = secret
        for _ in range(MAX_REDIRECTS + 1):
            target = self._post(hub, form)
            if target is None:
                return
            if is_secure(hub) and not is_secure(target):
                raise FetchFailed(Reason.BAD_REDIRECT, f"{host_of(hub)} redirects from https to {target}")
            hub = target
        raise FetchFailed(Reason.TOO_MANY_REDIRECTS, f"{host_of(hub)}: more than {MAX_REDIRECTS} redirects")

    def _post(self, hub: str, form: dict[str, str]) -> str | None:
        """Return the target of a redirect, or None if the hub has accepted the request."""
        with translate_errors(hub):
            response = self._session.post(
                urls.clean(hub), data=form, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            )
        with response:
            explanation = _error_text(response)
            if response.status_code in REDIRECTS and (location := response.headers.get("location")):
                if target := absolute_url(hub, location):
                    return target
                raise FetchFailed(
                    Reason.BAD_REDIRECT, f"{host_of(hub)} redirects to an invalid URL: {location[:200]!r}"
                )
            if not 200 <= response.status_code < 300:
                raise _http_error(hub, response, explanation)
            return None


def _error_text(response: requests.Response) -> str:
    """Return the beginning of an error's body, in which hubs explain a refusal; "" for other responses."""
    if response.status_code < 400:
        drain(response)
        return ""
    try:
        return " ".join(response.raw.read(200, decode_content=True).decode("utf-8", "replace").split())
    except Exception:  # an unreadable explanation does not matter: the status is known
        return ""


def _http_error(hub: str, response: requests.Response, explanation: str) -> FetchFailed:
    status = response.status_code
    return FetchFailed(
        Reason.http(status),
        f"{host_of(hub)} answered {status}{': ' if explanation else ''}{explanation}",
        retry=status >= 500 or status == 429,
        retry_after_s=parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC)),
        status=status,
    )


def new_token() -> str:
    """Return 256 random bits in URL-safe letters. Only the hub knows the token, so it authenticates the hub."""
    return secrets.token_urlsafe(32)


def is_secure(hub: str) -> bool:
    """Return True if a hub may receive secrets, which needs TLS (section 8.1)."""
    return urlsplit(hub).scheme == "https"


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Return True if an `X-Hub-Signature` ("method=hex") is that of this body (section 7.1)."""
    method, _, digest = signature.strip().partition("=")
    if method.lower() not in SIGNATURE_METHODS:
        return False
    expected = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode("utf-8", "replace"))
