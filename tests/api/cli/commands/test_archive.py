"""`copydesk import` and `copydesk replay` with valid, broken, foreign and missing files."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.api.cli.conftest import Command
from tests.support.pages.corpus import document
from tests.support.servers.redis_server import RedisServer
from tests.worker.services.conftest import page
from worker.archive.store import Archive
from worker.archive.warc_writer import info_record, response_record
from worker.config.settings import Settings
from worker.model.reasons import Reason
from worker.model.records import CrawlResult, Fetched, Outcome
from worker.urls import target
from worker.wiring import set_up_stores

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)


def _response(n: int) -> Fetched:
    return Fetched(
        url=f"https://news.example/{n}",
        status=200,
        headers={"content-type": "text/html"},
        body=page(f"Article {n}").encode(),
        fetched_at=NOW,
        elapsed_s=0.0,
    )


def _warc(path: Path, pages: int) -> Path:
    path.write_bytes(
        b"".join([info_record(path.name, NOW, {"software": "x"}), *map(response_record, map(_response, range(pages)))])
    )
    return path


@pytest.fixture
def broker(valkey: RedisServer, monkeypatch: pytest.MonkeyPatch, copydesk: Command) -> None:
    with valkey.client() as client:
        client.flushall()
    monkeypatch.setenv("COPYDESK_REDIS_URL", valkey.url)


@pytest.mark.usefixtures("broker")
def test_valid_file_is_imported_once(copydesk: Command, tmp_path: Path) -> None:
    file = str(_warc(tmp_path / "valid.warc.gz", 3))
    first, second = copydesk("import", file), copydesk("import", file)
    assert (first.code, second.code) == (0, 0)
    assert "valid.warc.gz: 3 created" in first.err
    assert "nothing new, the file was imported before" in second.err


@pytest.mark.usefixtures("broker")
def test_file_without_pages_is_reported(copydesk: Command, tmp_path: Path) -> None:
    ended = copydesk("import", str(_warc(tmp_path / "none.warc.gz", 0)))
    assert (ended.code, "the file has no pages" in ended.err) == (0, True)


@pytest.mark.usefixtures("broker")
def test_broken_file_fails_each_time_and_the_pages_before_are_imported(copydesk: Command, tmp_path: Path) -> None:
    file = _warc(tmp_path / "broken.warc.gz", 3)
    file.write_bytes(file.read_bytes()[:-40])
    first, second = copydesk("import", str(file)), copydesk("import", str(file))
    assert (first.code, second.code) == (1, 1)
    assert first.explains(f"cannot read {file}: broken after byte", "the pages before that position are imported")
    assert second.explains("broken after byte")
    assert "broken.warc.gz: 2 created" in first.err
    assert "nothing new" not in first.err + second.err


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize(
    "body", [b"hello\n", gzip.compress(b"<html>" * 500), b"PK\x03\x04"], ids=["text", "gzip", "zip"]
)
def test_foreign_file_is_refused_and_the_next_one_is_imported(copydesk: Command, tmp_path: Path, body: bytes) -> None:
    foreign, valid = tmp_path / "foreign", _warc(tmp_path / "valid.warc.gz", 2)
    foreign.write_bytes(body)
    for _ in range(2):
        ended = copydesk("import", str(foreign))
        assert (ended.code, ended.explains(f"cannot read {foreign}: not a WARC or ARC file")) == (2, True)
        assert "nothing new" not in ended.err
    both = copydesk("import", str(foreign), str(tmp_path / "nowhere"), str(valid))
    assert both.code == 2
    assert "valid.warc.gz: 2 created" in both.err
    assert f"Cannot read {tmp_path / 'nowhere'}: No such file" in both.err


def test_foreign_file_is_refused_without_printing_its_bytes(copydesk: Command, tmp_path: Path) -> None:
    foreign = tmp_path / "junk.warc.gz"
    foreign.write_bytes(gzip.compress(bytes(range(128, 256)) * 100 + b"\n"))
    ended = copydesk("import", str(foreign))
    assert (ended.code, ended.explains("not a WARC or ARC file")) == (2, True)
    assert ended.err.isascii()


@pytest.mark.usefixtures("broker")
def test_unwritable_progress_file_is_not_reported_as_an_unreadable_warc_file(copydesk: Command, tmp_path: Path) -> None:
    (tmp_path / "data" / "imports.json").mkdir(parents=True)
    ended = copydesk("import", str(_warc(tmp_path / "valid.warc.gz", 2)))
    assert (ended.code, ended.explains("cannot save the progress", "imports.json")) == (1, True), ended
    assert "Cannot read" not in ended.err


def test_import_without_a_broker_is_explained(copydesk: Command, tmp_path: Path) -> None:
    file = str(_warc(tmp_path / "valid.warc.gz", 2))
    ended = copydesk("import", file)
    assert (ended.code, ended.explains("the broker does not answer", "`copydesk run`")) == (1, True), ended


def test_replay_without_a_broker_is_explained(copydesk: Command, tmp_path: Path) -> None:
    assert "The archive is empty" in copydesk("replay").err
    settings = Settings(data_dir=tmp_path / "data")
    archive, ledger = Archive(settings), set_up_stores(settings).ledger
    archive.write(_response(1))
    archive.close()
    (admission,) = ledger.admit([target(_response(1).url)], NOW)
    row = admission.row
    ended_as = CrawlResult(id=row.id, crawl=row.crawl, outcome=Outcome.REJECTED, reason=Reason.NO_TEXT, finished_at=NOW)
    ledger.finish([ended_as])
    ended = copydesk("replay")
    assert (ended.code, ended.explains("the broker does not answer", "`copydesk run`")) == (1, True), ended


@pytest.mark.slow
def test_index_is_rebuilt_from_the_archive_without_a_broker(copydesk: Command, tmp_path: Path) -> None:
    """The ledger has three articles: one has an archived page, one a document, one neither."""
    settings = Settings(data_dir=tmp_path / "data")
    stores, archive = set_up_stores(settings), Archive(settings)
    ended = copydesk("index", "rebuild", "--from-archive")
    explained = ended.explains("The archive does not hold any pages", "copydesk index rebuild")
    assert (ended.code, explained) == (2, True), ended
    archive.write(_response(0))
    archive.close()
    for n in range(3):
        (admission,) = stores.ledger.admit([target(_response(n).url)], NOW)
        id = admission.row.id
        stores.ledger.finish([CrawlResult(id=id, crawl=1, outcome=Outcome.INDEXED, finished_at=NOW, article_id=id)])
    stores.index.write([replace(document("d", "Article 1"), id=target(_response(1).url).id)])
    ended = copydesk("index", "rebuild", "--from-archive")
    assert ended.code == 1
    assert ": 2 articles" in ended.out
    assert "0 extracted again, 1 restored; 1 kept unchanged (1 not-archived)." in ended.out
    assert _response(2).url in ended.err.splitlines()
    assert "1 articles of the ledger are neither in the index nor in the archive" in ended.err
    assert "(1 not-archived). To fetch them again: copydesk add --force" in ended.err
    stores.ledger.tombstone([target(_response(2).url).id], NOW, reason=Reason.REMOVED, detail="")
    ended = copydesk("index", "rebuild", "--from-archive")
    assert (ended.code, ended.err.strip()) == (0, "")
    assert "1 extracted again, 0 restored" in ended.out
    assert copydesk("audit").code == 0
