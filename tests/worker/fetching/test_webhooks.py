"""Tests of webhook requests: allowed URLs, signatures and errors."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.support.servers.http import QuietHandler, serve_http
from tests.support.servers.webhook_receiver import Receiver, receive, verifies
from worker.config.settings import Settings
from worker.errors import BadInput, FetchFailed
from worker.fetching.webhooks import WebhookSender, new_secret, signature

NOW = datetime(2026, 3, 1, 8, 0, 0, 700_000, tzinfo=UTC)


@pytest.fixture
def webhooks(tmp_path: Path) -> Iterator[WebhookSender]:
    webhooks = open_sender(tmp_path)
    yield webhooks
    webhooks.close()


def open_sender(folder: Path, **more: Any) -> WebhookSender:
    values = {"data_dir": folder, "webhook_allow_private": "127.0.0.0/8", "webhook_timeout_s": 1}
    return WebhookSender(Settings.model_validate(values | more))


def failure(webhooks: WebhookSender, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        webhooks.post(url, b"{}", id="1", secret=new_secret(), at=NOW)
    return caught.value


def test_signature_equals_the_reference_of_standard_webhooks() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    secret, id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = signature(secret, id, at, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_documented_verifier_accepts_the_signature(webhooks: WebhookSender, receiver: Receiver) -> None:
    secret, body = new_secret(), "{“é”}".encode()
    status = webhooks.post(receiver.url, body, id="id.1", secret=secret, at=datetime.now(UTC))
    (got,) = receiver.got
    assert (status, got.body, verifies(secret, got.headers, got.body)) == (204, body, True)
    assert not verifies(new_secret(), got.headers, got.body)


def test_secrets_differ() -> None:
    assert len({new_secret() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://news.example/hook", "http://"),
        ("not a URL", "http://"),
        ("https://user:hush@news.example/hook", "without"),
        ("http://127.0.0.1:8484/v1/searches", "webhook_allow_private"),
        ("http://2130706433/", "webhook_allow_private"),
        ("http://[::ffff:127.0.0.1]/", "webhook_allow_private"),
        ("http://169.254.169.254/latest/meta-data", "webhook_allow_private"),
        ("http://localhost/", "webhook_allow_private"),
        ("http://8.8.8.8:6379/", "webhook_allow_ports"),
        ("https://no-such-name.invalid/", "no address"),
    ],
)
def test_blocked_url_is_rejected(tmp_path: Path, url: str, message: str) -> None:
    webhooks = open_sender(tmp_path, webhook_allow_private="")
    with pytest.raises(BadInput, match=message) as caught:
        webhooks.check(url)
    assert "hush" not in str(caught.value)
    assert not failure(webhooks, url).retry or "invalid" in url
    webhooks.close()


def test_fetch_allow_private_does_not_apply_to_webhooks(tmp_path: Path, receiver: Receiver) -> None:
    webhooks = open_sender(tmp_path, webhook_allow_private="", fetch_allow_private="127.0.0.0/8")
    assert failure(webhooks, receiver.url).reason == "blocked-address"
    assert receiver.got == []
    webhooks.close()


def test_allowed_network_has_no_port_limit(webhooks: WebhookSender, receiver: Receiver) -> None:
    assert webhooks.check(receiver.url + "#part") == receiver.url


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 500, 503])
def test_other_statuses_fail_and_redirects_are_not_followed(
    webhooks: WebhookSender, receiver: Receiver, status: int
) -> None:
    receiver.answers, receiver.headers = [status], {"Location": receiver.url, "Retry-After": "7"}
    error = failure(webhooks, receiver.url)
    assert (error.status, error.retry, error.retry_after_s) == (status, status != 410, 7.0)
    assert len(receiver.got) == 1


def test_errors_contain_only_the_host(webhooks: WebhookSender, receiver: Receiver) -> None:
    receiver.answers = [500, 3.0]
    errors = [failure(webhooks, receiver.url) for _ in range(2)]
    with receive() as gone:
        closed = gone.url
    errors += [failure(webhooks, closed), failure(webhooks, "http://127.0.0.1:1\x00/hook/t0p-s3cret")]
    assert [e.reason for e in errors] == ["http-500", "timeout", "connection", "bad-url"]
    assert not any("s3cret" in e.detail for e in errors)


@pytest.fixture
def https() -> Iterator[str]:
    """Return the URL of a server with an untrusted certificate."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            raise AssertionError("the client sent a request over an untrusted connection")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with serve_http(Handler, tls=context) as port:
        yield f"https://127.0.0.1:{port}/hook"


def test_certificates_are_verified(webhooks: WebhookSender, https: str) -> None:
    error = failure(webhooks, https)
    assert (error.reason, "certificate" in error.detail) == ("tls", True)
