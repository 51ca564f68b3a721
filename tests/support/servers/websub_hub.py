"""A WebSub hub on loopback for tests: it records requests, confirms subscriptions and posts feeds."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import requests

from tests.support.servers.http import QuietHandler, serve_http


@dataclass
class Hub:
    """The hub. It answers with the next status of `answers`, else 202, and with `location` if it is set."""

    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""
    calls_back: bool = False  #: confirm requests at the callback; without it, the test does
    lease_s: int = 3600
    granted: dict[str, dict[str, str]] = field(default_factory=dict)  #: accepted requests, by callback

    @property
    def url(self) -> str:
        """The URL of the hub."""
        return f"http://127.0.0.1:{self.port}/hub"

    def call_back(self, form: dict[str, str]) -> None:
        """Confirm a request at its callback and grant it if the callback agrees."""
        challenge = secrets.token_hex(8)
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": challenge}
        if form["hub.mode"] == "subscribe":
            query["hub.lease_seconds"] = str(self.lease_s)
        answer = requests.get(form["hub.callback"], params=query, timeout=10)
        if answer.status_code != 200 or answer.text != challenge:
            return
        if form["hub.mode"] == "subscribe":
            self.granted[form["hub.callback"]] = form
        else:
            self.granted.pop(form["hub.callback"], None)

    def tell(self, callback: str, feed: str) -> int:
        """Post a feed to a subscriber and return the status of its response."""
        secret = self.granted[callback].get("hub.secret")
        headers = signed(secret, feed.encode()) if secret else {}
        return requests.post(callback, feed.encode(), headers=headers, timeout=10).status_code


def signed(secret: str, body: bytes, method: str = "sha256") -> dict[str, str]:
    """Return the headers of a signed post."""
    return {
        "Content-Type": "application/rss+xml",
        "X-Hub-Signature": f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}",
    }


@contextmanager
def open_hub() -> Iterator[Hub]:
    """Serve a hub until the block ends."""
    hub = Hub()

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            form = dict(parse_qsl(self.read_body().decode()))
            hub.asked.append(form)
            status = hub.answers.pop(0) if hub.answers else 202
            body = b"we know no such topic" if status >= 400 else b""
            self.respond(status, body, {"Location": hub.location} if hub.location else None)
            if hub.calls_back and status == 202:
                hub.call_back(form)

    with serve_http(Handler) as hub.port:
        yield hub
