"""A fake of Kibana's import call, written after Kibana's documentation.

It requires the `kbn-xsrf` header, the multipart file and the right credentials, keeps the imported objects, and answers
with the errors of the real Kibana.
"""

from __future__ import annotations

import email
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.servers.http import QuietHandler, serve_http


@dataclass
class FakeKibana:
    """A Kibana with two spaces, and the objects that were imported into it."""

    url: str = ""
    spaces: tuple[str, ...] = ("", "/s/newsroom")
    authorization: str | None = None  #: the required header; None: security is off
    is_starting: bool = False
    fixed_response: str | None = None  #: the answer to every request, if set
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def respond(self, target: str, headers: Any, body: bytes) -> tuple[int, str]:
        """Return the status code and the body for a request."""
        url = urlsplit(target)
        if self.fixed_response is not None:
            return 200, self.fixed_response
        if self.is_starting:
            return 503, "Kibana server is not ready yet"
        if self.authorization and headers.get("Authorization") != self.authorization:
            return _error(401, "Unauthorized", "unable to authenticate user")
        if url.path not in [f"{space}/api/saved_objects/_import" for space in self.spaces]:
            return _error(404, "Not Found", "Not Found")
        return self._receive_file(headers, body, parse_qs(url.query))

    def _receive_file(self, headers: Any, body: bytes, options: dict[str, list[str]]) -> tuple[int, str]:
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
        known = set(self.objects) | {(o["type"], o["id"]) for o in objects}
        errors = []
        for saved_object in objects:
            key = (saved_object["type"], saved_object["id"])
            missing = [r for r in saved_object["references"] if (r["type"], r["id"]) not in known]
            problem: dict[str, Any] | None = None
            if missing:
                problem = {"type": "missing_references", "references": missing}
            elif key in self.objects and options.get("overwrite") != ["true"]:
                problem = {"type": "conflict"}
            if problem:
                errors.append({"type": key[0], "id": key[1], "error": problem})
            else:
                self.objects[key] = saved_object
        result: dict[str, Any] = {"success": not errors, "successCount": len(objects) - len(errors)}
        return 200, json.dumps(result | ({"errors": errors} if errors else {}))


def _error(status: int, error: str, message: str) -> tuple[int, str]:
    return status, json.dumps({"statusCode": status, "error": error, "message": message})


@contextmanager
def serve_kibana(kibana: FakeKibana) -> Iterator[FakeKibana]:
    """Serve the fake on a free port until the block ends."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            status, text = kibana.respond(self.path, self.headers, self.read_body())
            self.respond(status, text.encode())

    with serve_http(Handler) as port:
        kibana.url = f"http://127.0.0.1:{port}"
        yield kibana
