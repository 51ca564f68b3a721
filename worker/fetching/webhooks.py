"""Signed POSTs to addresses that people gave us, as Standard Webhooks 1.0 describes them (standardwebhooks.com).

Those addresses lead where their givers please, so each request goes through a guard of its own, follows no redirect and
reads next to nothing of the answer.
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

SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins
SECRET_BYTES = 32
GONE = 410


class WebhookSender:
    """Safe to share between threads; build one per process."""

    def __init__(self, settings: Settings) -> None:
        self._guard = AddressGuard(settings.webhook_allow_private, settings.webhook_allow_ports, setting="webhook")
        self._timeout_s = settings.webhook_timeout_s
        self._session = open_session(settings, self._guard, total_s=self._timeout_s, most_bytes=SHORT_BYTES)

    def close(self) -> None:
        self._session.close()

    def check(self, url: str) -> str:
        """The address as it will be posted to. `BadInput` where it is none, or leads where nothing may be sent."""
        cleaned = urls.clean(url)
        parts = urlsplit(cleaned)
        try:
            self._guard.resolve(str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80))
        except FetchFailed as e:
            raise BadInput(f"nothing can be sent to this webhook: {e.detail}") from e
        return cleaned

    def post(self, url: str, body: bytes, *, id: str, secret: str, at: datetime) -> int:
        """Send one delivery; gives the status, which is 2xx. A retry has the same `id` and a new `at`, in seconds.

        `FetchFailed` for every other answer and for none. Its detail names the host alone, since the rest of the
        address may be somebody's secret.
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
            raise self._without_address(url, e) from None
        with response:
            drain(response)
            if not 200 <= response.status_code < 300:
                raise _refused(url, response.status_code, response.headers.get("retry-after"), at)
            return response.status_code

    def _without_address(self, url: str, error: FetchFailed) -> FetchFailed:
        if error.reason in ("slow", "timeout"):
            return FetchFailed("timeout", f"{host_of(url)} did not answer within {self._timeout_s:g} s", retry=True)
        if error.reason == "bad-url":
            return FetchFailed("bad-url", "the webhook's address cannot be requested", rejected=True)
        return FetchFailed(error.reason, error.detail, retry=error.retry)


def new_secret() -> str:
    """To sign with; both sides keep it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, id: str, at: datetime, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, seconds and body, joined by full stops, in base64."""
    signed = f"{id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise BadInput("the secret of a webhook is whsec_ and base64") from None


def _refused(url: str, status: int, asked: str | None, at: datetime) -> FetchFailed:
    return FetchFailed(
        f"http-{status}",
        f"{host_of(url)} answered {status}",
        retry=status != GONE,
        retry_after_s=parse_retry_after(asked, at),
        status=status,
    )
