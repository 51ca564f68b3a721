"""A receiver of webhooks: an HTTP server that records requests and answers with the statuses that a test sets."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.paths import PROJECT
from tests.support.servers.http import QuietHandler, serve_http

#: The verifier in docs/alerts.md. The tests use it so that an error in it fails them.
_VERIFIER: dict[str, Any] = {}
exec(re.search(r"```python\n(.*?)```", (PROJECT / "docs/alerts.md").read_text("utf-8"), re.DOTALL)[1], _VERIFIER)  # type: ignore[index]


def verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Return True if the signature is valid according to the code in docs/alerts.md."""
    return bool(_VERIFIER["verify"](secret, headers, body))


@dataclass(frozen=True)
class Got:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """The receiver. It answers 204, or the next of `answers`: a status, or seconds to wait before 204."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: list[int | float] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)  #: of every answer
    body: bytes = b""
    refused_article: str = ""  #: an article that is answered with 500

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/t0p-s3cret"

    def articles(self) -> list[str]:
        return [g.json["article"]["id"] for g in self.got]


@contextmanager
def receive(port: int = 0) -> Iterator[Receiver]:
    """Serve until the block ends. A `port` makes the receiver return at the same URL."""
    receiver = Receiver()

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.read_body()
            receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = receiver.answers.pop(0) if receiver.answers else 204
            if receiver.refused_article and receiver.refused_article == receiver.got[-1].json["article"]["id"]:
                answer = 500
            if isinstance(answer, float):
                time.sleep(answer)
                answer = 204
            self.respond(answer, receiver.body, receiver.headers)

    with serve_http(Handler, port) as receiver.port:
        yield receiver
