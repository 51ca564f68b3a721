"""A webhook's other side: a real HTTP server that notes what it gets, checks signatures, and fails when told to."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.paths import PROJECT

#: The verifier that docs/alerts.md gives to people: if it were wrong, so would be every test here.
_VERIFIER: dict[str, Any] = {}
exec(re.search(r"```python\n(.*?)```", (PROJECT / "docs/alerts.md").read_text("utf-8"), re.DOTALL)[1], _VERIFIER)  # type: ignore[index]


def verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """By the code in docs/alerts.md."""
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
    """Answers 204, or the next of `answers`: a status, or seconds to stay silent before one."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: list[int | float] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)  #: of every answer
    body: bytes = b""
    indigestible: str = ""  #: an article that is answered with 500

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/t0p-s3cret"

    def articles(self) -> list[str]:
        return [g.json["article"]["id"] for g in self.got]


@contextmanager
def receive(port: int = 0) -> Iterator[Receiver]:
    """Serve until the block ends; `port` to come back at the same address."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = receiver.answers.pop(0) if receiver.answers else 204
            if receiver.indigestible and receiver.indigestible == receiver.got[-1].json["article"]["id"]:
                answer = 500
            if isinstance(answer, float):
                time.sleep(answer)
                answer = 204
            self.send_response(answer)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.body)))
            self.end_headers()
            self.wfile.write(receiver.body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Ignore the error: some tests close the connection on purpose."""

    server = Server(("127.0.0.1", port), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
