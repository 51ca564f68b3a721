"""Signed POST requests to webhooks, as Standard Webhooks 1.0 specifies them (standardwebhooks.com).

Users choose these URLs freely. So each request passes a guard of its own, follows no redirect, and reads almost nothing
of the response.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from worker import urls
from worker.config.settings import Settings
from worker.errors import BadInput, FetchFailed
from worker.fetching.politeness import parse_retry_after
from worker.fetching.session import SHORT_BYTES, drain, host_of, open_session, translate_errors
from worker.fetching.ssrf_guard import AddressGuard
from worker.model.reasons import Reason

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of every secret, not a secret
SECRET_BYTES = 32
GONE = 410


class WebhookSender:
    """Client that posts deliveries to webhooks. Threads may share it. Build one per process."""

    def __init__(self, settings: Settings) -> None:
        self._guard = AddressGuard(settings.webhook_allow_private, settings.webhook_allow_ports, setting="webhook")
        self._timeout_s = settings.webhook_timeout_s
        self._session = open_session(settings, self._guard, total_s=self._timeout_s, max_bytes=SHORT_BYTES)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def check(self, url: str) -> str:
        """Return the cleaned URL of a webhook. Raise `BadInput` if it is invalid or its address is blocked."""
        cleaned = urls.clean(url)
        parts = urlsplit(cleaned)
        try:
            self._guard.resolve(str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80))
        except FetchFailed as e:
            raise BadInput(f"Cannot use this webhook: {e.detail}") from e
        return cleaned

    def post(self, url: str, body: bytes, *, id: str, secret: str, at: datetime) -> int:
        """Send one delivery and return the status, which is 2xx.

        A retry has the same `id` and a new `at` (whole seconds). Raise `FetchFailed` for every other response and for
        no response. Its detail contains only the host, because the rest of the URL may be secret.
        """
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature(secret, id, at, body),
        }
        try:
            with translate_errors(url):
                response = self._session.post(
                    urls.clean(url), body, headers=headers, timeout=self._timeout_s, allow_redirects=False, stream=True
                )
        except FetchFailed as e:
            raise self._without_url(url, e) from None
        with response:
            drain(response)
            if not 200 <= response.status_code < 300:
                raise _http_error(url, response.status_code, response.headers.get("retry-after"), at)
            return response.status_code

    def _without_url(self, url: str, error: FetchFailed) -> FetchFailed:
        """Return the error without the URL in its detail."""
        if error.reason in (Reason.SLOW, Reason.TIMEOUT):
            return FetchFailed(Reason.TIMEOUT, f"{host_of(url)} did not answer within {self._timeout_s:g} s")
        if error.reason is Reason.BAD_URL:
            return FetchFailed(Reason.BAD_URL, "the URL of the webhook is invalid")
        return FetchFailed(error.reason, error.detail, retry=error.retry)


def new_secret() -> str:
    """Return a new signing secret, which the sender and the receiver share."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, id: str, at: datetime, body: bytes) -> str:
    """Return `v1,` and the base64 HMAC-SHA256 of id, seconds and body, joined by full stops."""
    signed = f"{id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise BadInput(f"Invalid webhook secret: it must be {SECRET_PREFIX} followed by base64") from None


def _http_error(url: str, status: int, retry_after: str | None, at: datetime) -> FetchFailed:
    return FetchFailed(
        Reason.http(status),
        f"{host_of(url)} answered {status}",
        retry=status != GONE,
        retry_after_s=parse_retry_after(retry_after, at),
        status=status,
    )
