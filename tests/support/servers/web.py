"""A web server on loopback for tests. Each path has a function that writes its response as bytes."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """A request that the server received."""

    path: str
    headers: dict[str, str]
    connection: int  #: number of the connection, from 1
    send: Callable[[bytes], None]
    sock: socket.socket


Handler = Callable[[Request], None]


@dataclass
class Web:
    """The server: `paths` are its responses, `requests` the received requests in order."""

    paths: dict[str, Handler] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    origin: str = ""
    connections: int = 0

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return self.origin + path

    def answer(self, path: str, body: bytes = b"", status: str = "200 OK", **headers: str) -> str:
        """Set the response of a path, with `Content_Type="…"` and so on as headers. Return its URL."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        response = "\r\n".join([*lines, "", ""]).encode() + body
        self.paths[path] = lambda request: request.send(response)
        return self.url(path)


def serve(web: Web) -> Callable[[], None]:
    """Start the server and return a function that stops it."""

    class Connection(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            web.connections += 1
            number = web.connections
            while line := self.rfile.readline(65537):
                headers = {}
                while (text := self.rfile.readline(65537).decode("latin-1").strip()) != "":
                    name, _, value = text.partition(":")
                    headers[name.lower()] = value.strip()
                path = line.split()[1].decode()
                request = Request(path, headers, number, self._send, self.connection)
                web.requests.append(request)
                web.paths.get(path, _missing)(request)

        def _send(self, data: bytes) -> None:
            self.wfile.write(data)
            self.wfile.flush()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Ignore clients that close their connection, as many tests make them do."""

    server = Server(("127.0.0.1", 0), Connection)
    web.origin = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop


def _missing(request: Request) -> None:
    request.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
