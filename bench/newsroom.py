"""Generated publishers with any number of distinct articles, with a delay on demand."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WHO = ("The harbour master", "A council engineer", "The night librarian", "Her former teacher", "The ferry crew")
DID = ("counted", "repaired", "described", "measured", "postponed", "defended", "painted", "catalogued")
WHAT = ("the old tide gauge", "a row of lime trees", "the new bus shelter", "forty sacks of grain", "the clock tower")
WHEN = ("on Monday morning", "after a long winter", "for the second time", "in front of a small crowd", "before noon")


def article_page(number: int) -> str:
    """Return the page of article `number`. The same number always gives the same page."""
    words = random.Random(number)
    sentences = [" ".join(words.choice(part) for part in (WHO, DID, WHAT, WHEN)) + "." for _ in range(40)]
    paragraphs = [" ".join(sentences[n : n + 5]) for n in range(0, 40, 5)]
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f"<!doctype html><html lang=en><head><title>Article number {number}</title></head>"
        f"<body><article><h1>Article number {number}</h1>{body}</article></body></html>"
    )


@dataclass
class Newsroom:
    """Hosts of one machine, one port each. Article `n` is on host `n % hosts`."""

    articles: int
    origins: list[str] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)  #: by path
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def urls(self) -> list[str]:
        """The URLs of all articles."""
        """The URLs of all articles."""
        return [f"{self.origins[n % len(self.origins)]}/article/{n}" for n in range(self.articles)]


@contextmanager
def serve(articles: int, *, hosts: int = 1, latency_s: float = 0.0) -> Iterator[Newsroom]:
    """Serve the articles until the block ends."""
    room = Newsroom(articles)
    with ExitStack() as stack:
        for _ in range(hosts):
            room.origins.append(stack.enter_context(_host(room, latency_s)))
        yield room


@contextmanager
def _host(room: Newsroom, latency_s: float) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            with room.lock:
                room.requests[self.path] += 1
            time.sleep(latency_s)
            is_article = self.path.startswith("/article/")
            body = article_page(int(self.path.rpartition("/")[2])).encode() if is_article else b"nothing here"
            self.send_response(200 if is_article else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(ConnectionError):  # a killed client closes the connection
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
