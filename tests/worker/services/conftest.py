"""A context on embedded stores and a real broker, and a web server whose responses a test sets."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.servers.http import QuietHandler, serve_http
from tests.support.servers.redis_server import RedisServer
from worker.config.settings import Settings
from worker.model.records import Row
from worker.services.context import AppContext, utc_now
from worker.services.crawl.host_visit import visit_host
from worker.services.digest.digest import digest
from worker.services.intake.submit import add
from worker.services.ledger import lookup
from worker.services.maintenance.audit import audit
from worker.wiring import connect

#: Paths of two URLs that may be one article.
STORY, OTHER = "/news/harbour-bridge-opens-again-12345", "/syndicated/harbour-bridge-opens-again-12345-x"


@dataclass
class Answer:
    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0


@dataclass
class Web:
    """Responses by path: `web["/path"] = Answer(…)`. Any other path answers 404."""

    origin: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    at_once: int = 0  #: requests under way
    most_at_once: int = 0

    def __setitem__(self, path: str, answer: Answer | str) -> None:
        self.answers[path] = Answer(answer) if isinstance(answer, str) else answer

    def redirect(self, path: str, to: str, status: int = 301) -> None:
        self.answers[path] = Answer(status=status, headers={"Location": to})

    def url(self, path: str) -> str:
        return self.origin + path


def page(headline: str, *, head: str = "", seed: str = "") -> str:
    """Return a page with a plain article."""
    paragraphs = "".join(
        f"<p>{seed or headline}: paragraph {n} tells at some length what happened next in the harbour, who was there, "
        f"what they said about it afterwards, and why the tide gauge had to be read a second time before noon.</p>"
        for n in range(6)
    )
    return (
        f"<!doctype html><html lang=en><head><title>{headline}</title>{head}</head>"
        f"<body><article><h1>{headline}</h1>{paragraphs}</article></body></html>"
    )


def naming_page(path: str, headline: str = "Bridge") -> str:
    """Return a page that names a path as its canonical URL."""
    return page(headline, head=f'<link rel="canonical" href="{path}">')


@pytest.fixture
def web() -> Iterator[Web]:
    """Yield a host whose answers a test sets."""
    yield from serve_web()


def serve_web() -> Iterator[Web]:
    """Yield a running host, and end it afterwards."""
    found = Web()

    class Handler(QuietHandler):
        def do_GET(self) -> None:
            found.requests[self.path] += 1
            found.at_once += 1
            found.most_at_once = max(found.most_at_once, found.at_once)
            answer = found.answers.get(self.path, Answer("not here", 404))
            time.sleep(answer.after_s)
            etag = answer.headers.get("ETag")
            fresh = etag and self.headers.get("If-None-Match") == etag
            body = b"" if fresh else answer.body.encode()
            self.send_response(304 if fresh else answer.status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if not fresh:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            found.at_once -= 1
            self.wfile.write(body)

    with serve_http(Handler) as port:
        found.origin = f"http://127.0.0.1:{port}"
        yield found


@dataclass
class Clock:
    """Real time, moved forward by a test."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(valkey: RedisServer, tmp_path: Path, clock: Clock) -> Iterator[AppContext]:
    with valkey.client() as client:
        client.flushall()
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "redis_url": valkey.url,
            "fetch_allow_private": ["127.0.0.0/8"],
            "fetch_delay_s": 0,
            "fetch_delay_factor": 0,
            "fetch_retry_base_s": 1,
            "fetch_attempts": 3,
            "sweep_after_s": 60,
        }
    )
    found = replace(connect(settings), now=clock)
    yield found
    found.archive.close()


Ingest = Callable[..., Row]


@pytest.fixture
def ingest(context: AppContext, clock: Clock) -> Ingest:
    """Return a function that adds one URL, works until nothing is left to do, and returns the row."""

    def run(url: str, *, force: bool = False) -> Row:
        (added,) = add(context, [url], force=force)
        assert added.row
        work_off(context, clock)
        row = context.ledger.get([added.row.id])[0]
        assert row
        return row

    return run


def work_off(context: AppContext, clock: Clock, rounds: int = 12) -> None:
    """Visit hosts and digest pages in this process, as the workers do. Move the clock instead of waiting."""
    for _ in range(rounds):
        for host in context.frontier.due_hosts(clock().timestamp(), 100, again_s=0):
            visit_host(context, host, lambda: None)
        digest(context)
        clock.forward(2)


def fetch_due(context: AppContext, clock: Clock) -> None:
    """Visit the hosts that are due, without reading the pages."""
    for host in context.frontier.due_hosts(clock().timestamp(), 9, again_s=0):
        visit_host(context, host, lambda: None)


def row_of(context: AppContext, url: str) -> Row:
    """Return the row of a URL, which must exist."""
    found = lookup.row(context, lookup.identify(url))
    assert found
    return found


def check_clean(context: AppContext, documents: int) -> None:
    """Check that the index has this number of documents and that the audit finds no problem."""
    result = audit(context)
    assert (result.problems, result.documents) == ([], documents)
