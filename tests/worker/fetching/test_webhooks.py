"""What may be posted to, how it is signed, and what an error says."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.support.webhook_receiver import Receiver, receive, verifies
from worker.config.settings import Settings
from worker.errors import BadInput, FetchFailed
from worker.fetching.webhooks import WebhookSender, new_secret, signature

NOW = datetime(2026, 3, 1, 8, 0, 0, 700_000, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as found:
        yield found


@pytest.fixture
def webhooks(tmp_path: Path) -> Iterator[WebhookSender]:
    found = opened(tmp_path)
    yield found
    found.close()


def opened(folder: Path, **more: Any) -> WebhookSender:
    values = {"data_dir": folder, "webhook_allow_private": "127.0.0.0/8", "webhook_timeout_s": 1}
    return WebhookSender(Settings.model_validate(values | more))


def refusal(webhooks: WebhookSender, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        webhooks.post(url, b"{}", id="1", secret=new_secret(), at=NOW)
    return caught.value


def test_the_signature_is_the_reference_of_standard_webhooks() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    secret, id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = signature(secret, id, at, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_post_is_signed_as_the_documented_verifier_expects(webhooks: WebhookSender, receiver: Receiver) -> None:
    secret, body = new_secret(), "{“é”}".encode()
    status = webhooks.post(receiver.url, body, id="id.1", secret=secret, at=datetime.now(UTC))
    (got,) = receiver.got
    assert (status, got.body, verifies(secret, got.headers, got.body)) == (204, body, True)
    assert not verifies(new_secret(), got.headers, got.body)


def test_secrets_differ() -> None:
    assert len({new_secret() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://desk.example/hook", "http://"),
        ("not an address", "http://"),
        ("https://user:hush@desk.example/hook", "without"),
        ("http://127.0.0.1:8484/v1/searches", "webhook_allow_private"),
        ("http://2130706433/", "webhook_allow_private"),
        ("http://[::ffff:127.0.0.1]/", "webhook_allow_private"),
        ("http://169.254.169.254/latest/meta-data", "webhook_allow_private"),
        ("http://localhost/", "webhook_allow_private"),
        ("http://8.8.8.8:6379/", "webhook_allow_ports"),
        ("https://no-such-name.invalid/", "no address"),
    ],
)
def test_addresses_that_nothing_may_be_sent_to(tmp_path: Path, url: str, said: str) -> None:
    webhooks = opened(tmp_path, webhook_allow_private="")
    with pytest.raises(BadInput, match=said) as caught:
        webhooks.check(url)
    assert "hush" not in str(caught.value)
    assert not refusal(webhooks, url).retry or "invalid" in url
    webhooks.close()


def test_what_may_be_fetched_may_not_be_posted_to(tmp_path: Path, receiver: Receiver) -> None:
    webhooks = opened(tmp_path, webhook_allow_private="", fetch_allow_private="127.0.0.0/8")
    assert refusal(webhooks, receiver.url).reason == "blocked-address"
    assert receiver.got == []
    webhooks.close()


def test_an_allowed_network_may_be_posted_to_on_any_port(webhooks: WebhookSender, receiver: Receiver) -> None:
    assert webhooks.check(receiver.url + "#part") == receiver.url


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 500, 503])
def test_other_answers_are_failures_and_redirects_are_not_followed(
    webhooks: WebhookSender, receiver: Receiver, status: int
) -> None:
    receiver.answers, receiver.headers = [status], {"Location": receiver.url, "Retry-After": "7"}
    error = refusal(webhooks, receiver.url)
    assert (error.status, error.retry, error.retry_after_s) == (status, status != 410, 7.0)
    assert len(receiver.got) == 1


def test_errors_name_the_host_alone(webhooks: WebhookSender, receiver: Receiver) -> None:
    receiver.answers = [500, 3.0]
    errors = [refusal(webhooks, receiver.url) for _ in range(2)]
    with receive() as gone:
        closed = gone.url
    errors += [refusal(webhooks, closed), refusal(webhooks, "http://127.0.0.1:1\x00/hook/t0p-s3cret")]
    assert [e.reason for e in errors] == ["http-500", "timeout", "connection", "bad-url"]
    assert not any("s3cret" in e.detail for e in errors)


@pytest.fixture
def https() -> Iterator[str]:
    """A server whose certificate nobody trusts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raise AssertionError("nothing may be sent over a connection that is not trusted")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """The client hangs up."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()
    thread.join()


def test_certificates_are_verified(webhooks: WebhookSender, https: str) -> None:
    error = refusal(webhooks, https)
    assert (error.reason, "certificate" in error.detail) == ("tls", True)
