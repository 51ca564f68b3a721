"""A small stand-in for Kibana's import call, after its documentation: it wants the header, the multipart file and the
right credentials, keeps what it is given, and answers with the errors that the real one would."""

from __future__ import annotations

import email
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class FakeKibana:
    url: str = ""
    spaces: tuple[str, ...] = ("", "/s/desk")
    authorization: str | None = None  #: what the header must say; None: security is off
    is_starting: bool = False
    says: str | None = None  #: answer with this page instead, whatever is asked
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def answer(self, target: str, headers: Any, body: bytes) -> tuple[int, str]:
        where = urlsplit(target)
        if self.says is not None:
            return 200, self.says
        if self.is_starting:
            return 503, "Kibana server is not ready yet"
        if self.authorization and headers.get("Authorization") != self.authorization:
            return _error(401, "Unauthorized", "unable to authenticate user")
        if where.path not in [f"{space}/api/saved_objects/_import" for space in self.spaces]:
            return _error(404, "Not Found", "Not Found")
        return self._take_file(headers, body, parse_qs(where.query))

    def _take_file(self, headers: Any, body: bytes, options: dict[str, list[str]]) -> tuple[int, str]:
        if "kbn-xsrf" not in headers:
            return _error(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        message = email.message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        (part,) = [p for p in message.walk() if p.get_param("name", header="Content-Disposition") == "file"]
        if not str(part.get_filename()).endswith(".ndjson"):
            return _error(400, "Bad Request", f"Invalid file extension {part.get_filename()}")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        return self._import([json.loads(line) for line in payload.splitlines()], options)

    def _import(self, objects: list[dict[str, Any]], options: dict[str, list[str]]) -> tuple[int, str]:
        there = set(self.objects) | {(o["type"], o["id"]) for o in objects}
        errors = []
        for given in objects:
            key = (given["type"], given["id"])
            missing = [r for r in given["references"] if (r["type"], r["id"]) not in there]
            problem: dict[str, Any] | None = None
            if missing:
                problem = {"type": "missing_references", "references": missing}
            elif key in self.objects and options.get("overwrite") != ["true"]:
                problem = {"type": "conflict"}
            if problem:
                errors.append({"type": key[0], "id": key[1], "error": problem})
            else:
                self.objects[key] = given
        result: dict[str, Any] = {"success": not errors, "successCount": len(objects) - len(errors)}
        return 200, json.dumps(result | ({"errors": errors} if errors else {}))


def _error(status: int, error: str, message: str) -> tuple[int, str]:
    return status, json.dumps({"statusCode": status, "error": error, "message": message})


@contextmanager
def serving(kibana: FakeKibana) -> Iterator[FakeKibana]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, text = kibana.answer(self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kibana.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield kibana
    server.shutdown()
    server.server_close()
    thread.join()
