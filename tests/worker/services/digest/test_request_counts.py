"""A batch makes a number of store requests that does not depend on its pages: on SQLite, Elasticsearch and Redis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from elastic_transport import Transport
from redis.connection import AbstractConnection

from tests.worker.services.conftest import page
from worker.config.settings import Settings
from worker.model.catalog import Block
from worker.model.records import Fetched, Outcome, Row
from worker.services.context import AppContext, utc_now
from worker.services.digest.digest import digest_batch
from worker.services.intake.submit import add, enqueue_admitted
from worker.services.intake.warc_import import import_pages, latest_places, make_page, replay
from worker.services.ledger.lifecycle import admit, again
from worker.storage.sqlite.database import Database
from worker.wiring import set_up_stores

KINDS = ("same", "changes", "copies", "empty", "changes-too")
BATCHES = (("https://small.example", 10), ("https://large.example", 50))


@pytest.fixture(params=["sqlite", "elastic"])
def stored(request: pytest.FixtureRequest, context: AppContext) -> AppContext:
    settings: Settings = request.getfixturevalue(f"{request.param}_settings")
    stores = set_up_stores(settings)
    settings = context.settings.model_copy(update={"archive": True})
    stores.catalog.boilerplate._clock = lambda: 0.0  # its cache never expires
    return replace(context, settings=settings, ledger=stores.ledger, index=stores.index, catalog=stores.catalog)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count transactions of SQLite, HTTP requests to Elasticsearch, and round trips to Redis."""
    counts: Counter[str] = Counter()

    def count(owner: Any, method: str, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, method)

        def counted(*args: Any, **more: Any) -> Any:
            counts[name] += 1
            return original(*args, **more)

        monkeypatch.setattr(owner, method, counted)

    count(Database, "_transaction", "store")
    count(Transport, "perform_request", "store")
    count(AbstractConnection, "send_packed_command", "redis")
    return counts


def _page_body(host: str, n: int, kind: str, revision: int) -> bytes:
    if kind == "empty":
        return b""
    head = f'<link rel="canonical" href="{host}/{kind}/canonical-{n}-of-a-page.html">' if kind == "copies" else ""
    seed = f"Text {n}" if kind == "same" else f"Text {n} in revision {revision}"
    return page(f"Article {n} of {host}/{kind}", head=head, seed=seed).encode()


def _fetched(host: str, n: int, kind: str, revision: int = 1) -> Fetched:
    return Fetched(
        url=f"{host}/{kind}/{n}-one-of-many-pages.html",
        status=200,
        headers={"content-type": "text/html"},
        body=_page_body(host, n, kind, revision),
        fetched_at=utc_now(),
        elapsed_s=0.1,
    )


def _digest(context: AppContext, host: str, pages: int, revision: int) -> list[Row]:
    """Crawl and digest a batch of pages of all kinds; return their rows."""
    fetched = [_fetched(host, n, kind, revision) for n in range(pages // len(KINDS)) for kind in KINDS]
    rows = [a.row for a in add(context, [f.url for f in fetched], force=True) if a.row]
    digest_batch(context, [make_page(row, f) for row, f in zip(rows, fetched, strict=True)])
    return [row for row in context.ledger.get([row.id for row in rows]) if row]


def test_digesting_more_pages_makes_no_more_requests(stored: AppContext, requests: Counter[str]) -> None:
    _digest(stored, "https://warm-up.example", 10, 1)
    counts = []
    for host, pages in BATCHES:
        for revision in (1, 2):
            requests.clear()
            rows = _digest(stored, host, pages, revision)
            counts.append(dict(requests))
            assert len(rows) == pages
            assert {row.outcome for row in rows} >= {Outcome.INDEXED, Outcome.DUPLICATE, Outcome.REJECTED}
    first_small, second_small, first_large, second_large = counts
    assert first_large == first_small
    assert second_large == second_small


def test_importing_and_replaying_more_pages_makes_no_more_store_requests(
    stored: AppContext, requests: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.services.intake.warc_import.BATCH", 50)
    counts = []
    for host, pages in BATCHES:
        fetched = [_fetched(host, n, "changes") for n in range(pages)]
        places = {stored.archive.write(f) for f in fetched}
        requests.clear()
        list(import_pages(stored, fetched, source="import"))
        counts.append(requests["store"])
        taken = stored.spool.take(stored.now().timestamp(), pages, 60)
        digest_batch(stored, taken.pages)
        stored.spool.done(taken.token, [p.id for p in taken.pages])
        found = {id: place for id, place in latest_places(stored).items() if place in places}
        requests.clear()
        assert sum(replay(stored, found), start=Counter())["replayed"] == pages
        counts.append(requests["store"])
        stored.redis.flushall()  # the replayed pages
    assert counts[:2] == counts[2:]


def test_admitting_more_blocked_and_known_urls_makes_no_more_requests(
    stored: AppContext, requests: Counter[str]
) -> None:
    counts = []
    for host, pages in (("https://warm-up.example", 10), *BATCHES):
        rows = [a.row for a in add(stored, [f"{host}/{n}" for n in range(pages)]) if a.row]
        blocks = [Block(id=r.id, canonical_url=r.canonical_url, at=utc_now()) for r in rows[: pages // 2]]
        stored.catalog.blocklist.block(blocks)
        requests.clear()
        admissions = admit(stored, [again(row) for row in rows])
        assert Counter(a.verdict for a in admissions) == {"blocked": pages // 2, "known": pages // 2}
        enqueue_admitted(stored, admissions)
        counts.append(dict(requests))
    assert counts[1] == counts[2]
