"""Pages that were fetched earlier: from our archive or from other WARC files."""

from __future__ import annotations

import gzip
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import published_types
from tests.worker.services.conftest import (
    Clock,
    Ingest,
    Web,
    page,
    work_off,
)
from worker import extraction
from worker.archive.store import Archive
from worker.archive.warc_reader import read_pages
from worker.model.records import Fetched, Outcome, State
from worker.queues.spool import Spool
from worker.services.context import AppContext
from worker.services.crawl.sweeper import sweep
from worker.services.digest.digest import digest
from worker.services.intake import warc_import
from worker.services.maintenance.audit import audit

FLAT = "\n".join(
    [
        "Skip to main content",
        "34º",
        "",
        "Rowers find an anchor under the old pier",
        "",
        "HARROWGATE – Rowers who were clearing mud from under the old pier on Sunday came upon a ship's anchor that "
        "had been lost for ninety years, the rowing club said, and carried it ashore while the tide was out.",
        "",
        "The anchor bears the name of a schooner that went down in the winter of 1931, and it will hang in the museum "
        "of navigation once the salt has been drawn from the iron, which takes the better part of a year.",
    ]
)


def _warc(tmp_path: Path, *records: tuple[str, str, str]) -> Path:
    """Write a WARC file like other programs: one gzip member for each record (type, URL, text)."""
    path = tmp_path / "others.warc.gz"
    path.write_bytes(b"".join(gzip.compress(_record(*record)) for record in records))
    return path


def _record(kind: str, url: str, text: str) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" if kind == "response" else b""
    block = http + text.encode()
    content_type = "application/http; msgtype=response" if http else "text/plain"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-09T08:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def _import(context: AppContext, path: Path) -> dict[str, int]:
    with path.open("rb") as stream:
        answers = (r.fetched for r in read_pages(stream, max_bytes=1_000_000))
        return dict(sum(warc_import.import_pages(context, answers, source="test"), start=Counter()))


def test_warc_and_wet_records_become_articles_once(context: AppContext, clock: Clock, tmp_path: Path) -> None:
    path = _warc(
        tmp_path,
        ("response", "https://news.example/one", page("Imported story")),
        ("conversion", "https://news.example/flat", FLAT),
        ("response", "ftp://news.example/odd", "odd"),
    )
    assert _import(context, path)["created"] == 2
    work_off(context, clock, rounds=1)
    rows = {row.url: row for row in context.ledger.rows()}
    assert {row.outcome for row in rows.values()} == {Outcome.INDEXED}
    flat = context.index.get([rows["https://news.example/flat"].id])[0]
    assert flat
    assert flat.article.headline == "Rowers find an anchor under the old pier"
    assert flat.article.dateline == "HARROWGATE"
    assert "Skip to main" not in flat.article.article_body
    assert _import(context, path) == {"known": 2}


def test_an_imported_url_is_not_crawled_by_itself(context: AppContext, clock: Clock, tmp_path: Path) -> None:
    _import(context, _warc(tmp_path, ("response", "https://news.example/one", page("Imported story"))))
    work_off(context, clock, rounds=1)
    (row,) = context.ledger.rows()
    assert (row.outcome, row.next_crawl_at) == (Outcome.INDEXED, None)


def test_a_blocked_page_is_not_imported(context: AppContext, tmp_path: Path) -> None:
    from worker import urls
    from worker.model.catalog import Block

    target = urls.target("https://news.example/one")
    context.catalog.blocklist.block([Block(id=target.id, canonical_url=target.canonical_url, at=context.now())])
    assert _import(context, _warc(tmp_path, ("response", "https://news.example/one", page("Blocked")))) == {
        "skipped": 1
    }


def test_records_before_a_broken_one_are_imported(context: AppContext, tmp_path: Path) -> None:
    from worker.errors import Unreadable

    path = _warc(tmp_path, *(("response", f"https://news.example/{n}", page(f"Story {n}")) for n in range(3)))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Unreadable):
        _import(context, path)
    assert context.ledger.counts()["queued"] == 2


def test_an_import_waits_for_room_before_it_admits_rows(
    context: AppContext,
    web: Web,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(warc_import, "BATCH", 4)
    monkeypatch.setattr(warc_import, "PAUSE_S", 0.02)
    monkeypatch.setattr(warc_import, "PATIENCE_S", 0.1)
    narrow = context.settings.model_copy(update={"spool_max_bytes": 1000})
    context = replace(context, settings=narrow, spool=Spool(context.redis, narrow))
    path = _warc(tmp_path, *(("response", web.url(f"/{n}"), page(f"Story {n}")) for n in range(10)))
    with ThreadPoolExecutor(1) as pool:
        importer = pool.submit(_import, context, path)
        while not caplog.records:
            assert not importer.done()
            time.sleep(0.01)
        assert "Is `copydesk run` running?" in caplog.text
        monkeypatch.setattr(warc_import, "PATIENCE_S", 3600)  # a slow digest is not reported again
        clock.forward(2 * narrow.sweep_after_s)
        assert (sweep(context), context.frontier.depths()["waiting"]) == (0, 0)
        while not importer.done():
            digest(context)
    digest(context)
    assert importer.result()["created"] == 10
    assert context.ledger.counts()["finished"] == 10
    assert len(caplog.records) == 1
    assert not web.requests


def test_a_replay_reads_the_archive_with_the_current_reader(
    context: AppContext, web: Web, clock: Clock, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    web["/s"] = page("As it was read")
    first = ingest(web.url("/s"))
    explain = extraction.explain

    def better(*args: object, **more: object) -> object:
        explained = explain(*args, **more)  # type: ignore[arg-type]
        return replace(explained, article=replace(explained.article, article_section="Harbour"))

    monkeypatch.setattr(extraction, "explain", better)
    monkeypatch.setattr(extraction, "REVISION", extraction.REVISION + 1)
    (counts,) = warc_import.replay(context, warc_import.latest_places(context))
    assert counts["replayed"] == 1
    work_off(context, clock, rounds=1)
    document = context.index.get([first.id])[0]
    assert document
    assert document.article.article_section == "Harbour"
    assert web.requests["/s"] == 1
    assert published_types(context) == ["article.indexed"], "a better reader causes no event"


def test_a_replay_skips_vanished_articles(context: AppContext, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Vanished since")
    ingest(web.url("/s"))
    del web.answers["/s"]
    assert ingest(web.url("/s"), force=True).gone_at
    (counts,) = warc_import.replay(context, warc_import.latest_places(context))
    assert counts["skipped"] == 1 and not counts["replayed"]


def test_the_latest_page_is_found_across_overlapping_files(context: AppContext) -> None:
    noon = datetime(2026, 3, 9, 12, tzinfo=UTC)
    early, late = Archive(context.settings), Archive(context.settings)

    answer = Fetched(
        url="https://news.example/one",
        status=200,
        headers={"content-type": "text/html"},
        body=b"<p>",
        fetched_at=noon,
        elapsed_s=0.0,
    )

    def write(archive: Archive, hours: int) -> str:
        return archive.write(replace(answer, fetched_at=noon + timedelta(hours=hours)))

    places = [write(early, 0), write(late, 1), write(early, 2)]
    assert list(warc_import.latest_places(context).values()) == [places[2]]
    early.close()
    late.close()


def _answer(url: str, headline: str, clock: Clock) -> Fetched:
    body = page(headline).encode()
    headers = {"content-type": "text/html"}
    return Fetched(url=url, status=200, headers=headers, body=body, fetched_at=clock(), elapsed_s=0.0)


def test_an_interrupted_import_continues_without_fetching(
    context: AppContext, web: Web, clock: Clock, monkeypatch: Any
) -> None:
    answers = [_answer(web.url(f"/{n}"), f"Archived story {n}", clock) for n in range(6)]
    put, done = context.spool.put, list[int]()

    def interrupted(waiting: Any) -> bool:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return put(waiting)

    with monkeypatch.context() as patch:
        patch.setattr(context.spool, "put", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(warc_import.import_pages(context, answers, source="import"))
    list(warc_import.import_pages(context, answers, source="import"))
    digest(context)
    assert context.ledger.counts().get("indexed") == 6
    assert not web.requests


def test_an_interrupted_replay_continues_without_fetching(
    context: AppContext, web: Web, ingest: Ingest, monkeypatch: Any
) -> None:
    web["/s"] = page("Replayed")
    row = ingest(web.url("/s"))
    places = warc_import.latest_places(context)
    with monkeypatch.context() as patch:
        patch.setattr(context.spool, "put", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            list(warc_import.replay(context, places))
    assert context.ledger.get([row.id])[0].state is State.QUEUED  # type: ignore[union-attr]
    list(warc_import.replay(context, places))
    digest(context)
    assert context.ledger.get([row.id])[0].state is State.FINISHED  # type: ignore[union-attr]
    assert web.requests["/s"] == 1


def test_an_article_of_a_canonical_link_is_replayed(
    context: AppContext, web: Web, ingest: Ingest, clock: Clock, monkeypatch: Any
) -> None:
    web["/print/7"] = page("Printed", head='<link rel="canonical" href="/story/7">')
    ingest(web.url("/print/7"))
    monkeypatch.setattr(extraction, "REVISION", extraction.REVISION + 1)
    (counts,) = warc_import.replay(context, warc_import.latest_places(context))
    assert counts["replayed"] == 1
    digest(context)
    result = audit(context)
    assert (result.documents, result.problems, result.queued) == (1, [], 0)
    assert not web.requests["/story/7"]
