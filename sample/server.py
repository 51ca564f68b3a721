"""Serve the sample publishers, each on a port of its own of 127.0.0.1, so that hosts differ without DNS."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from sample.site import ROOT, Site

PUBLISHERS = tuple(sorted(file.parent.name for file in ROOT.glob("*/www")))


@contextmanager
def serve(base_port: int = 0) -> Iterator[Mapping[str, Site]]:
    """Serve every publisher until the block ends; gives the sites by name.

    With a base port the publishers take it and the ports after it, in the order of PUBLISHERS; otherwise free ones.
    `OSError` if a port is taken.
    """
    with ExitStack() as stack:
        servers = {name: stack.enter_context(_bind(base_port and base_port + i)) for i, name in enumerate(PUBLISHERS)}
        origins = {name: f"http://127.0.0.1:{server.server_port}" for name, server in servers.items()}
        sites = {name: Site(name, origin, origins) for name, origin in origins.items()}
        for name, server in servers.items():
            server.RequestHandlerClass = partial(_Handler, sites[name])
            stack.enter_context(_running(server))
        yield sites


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # the default of 5 makes a crawler's threads wait a second for their connection

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of ours; tests kill many."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _bind(port: int) -> _Server:
    """A listening server that does not answer yet: no page can be filled in before every port is known."""
    return _Server(("127.0.0.1", port), BaseHTTPRequestHandler)


@contextmanager
def _running(server: _Server) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"sample:{server.server_port}")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "CopydeskSample"
    disable_nagle_algorithm = True  # headers and body are two writes: do not wait 40 ms between them
    timeout = 30  # seconds that a kept-alive connection may be silent

    def __init__(self, site: Site, *args: object) -> None:
        self.site = site
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        answer = self.site.answer(urlsplit(self.path).path, {k.lower(): v for k, v in self.headers.items()})
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(answer.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: whoever serves the sample counts `Site.requests`."""
