"""HTTP servers of the sample publishers, one port of 127.0.0.1 each, so that hosts differ without DNS."""

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
    """Serve every publisher until the block ends. Yield the sites by name.

    With a base port the publishers use that port and the next ones, in the order of PUBLISHERS; otherwise free ports.
    Raise `OSError` if a port is in use.
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
    request_queue_size = 128  # with the default of 5, the threads of a crawler wait a second for a connection

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close their connection, as tests do when they kill a process."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _bind(port: int) -> _Server:
    """Return a listening server that does not answer yet: pages contain all ports, so all must be known first."""
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
    disable_nagle_algorithm = True  # otherwise 40 ms pass between the headers and the body
    timeout = 30  # seconds until an idle connection is closed

    def __init__(self, site: Site, *args: object) -> None:
        self.site = site
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer a GET or HEAD request."""
        response = self.site.answer(urlsplit(self.path).path, {k.lower(): v for k, v in self.headers.items()})
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(response.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing. `Site.requests` counts the requests."""
