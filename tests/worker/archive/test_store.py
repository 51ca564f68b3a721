"""Tests of the archive: positions, files, other WARC readers, dead processes, full disks and retention."""

from __future__ import annotations

import fcntl
import gzip
import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from worker.archive.store import Archive
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable, Unreadable
from worker.model.records import Fetched

NOW = datetime(2026, 11, 24, 12, 30, 15, 250_000, tzinfo=UTC)
BODY = "<p>Žižka returns to the harbour.</p>".encode() * 50


def response(n: int = 0, **more: Any) -> Fetched:
    values: dict[str, Any] = {
        "url": f"https://news.example/{n}",
        "status": 200,
        "headers": {"content-type": "text/html; charset=utf-8", "content-encoding": "gzip", "set-cookie": "a=1, b=2"},
        "body": BODY + str(n).encode(),
        "fetched_at": NOW + timedelta(seconds=n),
        "elapsed_s": 0.25,
    }
    return Fetched(**(values | more))


def settings(folder: Path, **more: Any) -> Settings:
    return Settings.model_validate({"data_dir": folder, **more})


OpenArchive = Callable[..., Archive]


@pytest.fixture
def open_archive(tmp_path: Path) -> Iterator[OpenArchive]:
    """Return a function that opens archives in the test's folder. They are closed after the test."""
    archives: list[Archive] = []

    def make(**more: Any) -> Archive:
        archives.append(Archive(settings(tmp_path, **more)))
        return archives[-1]

    yield make
    for archive in archives:
        archive.close()


@pytest.fixture
def archive(open_archive: OpenArchive) -> Archive:
    return open_archive()


def test_written_response_is_read(archive: Archive) -> None:
    written = [response(n) for n in range(5)]
    positions = [archive.write(r) for r in written]
    assert len(set(positions)) == 5
    for position, original in reversed(list(zip(positions, written, strict=True))):
        got = archive.read(position)
        assert (got.url, got.status, got.body, got.fetched_at) == (
            original.url,
            200,
            original.body,
            original.fetched_at,
        )
        assert got.content_type == "text/html; charset=utf-8"
        assert "content-encoding" not in got.headers


def test_redirects_odd_statuses_and_empty_bodies(archive: Archive) -> None:
    moved = response(status=301, body=b"", headers={"location": "/b"}, location="https://news.example/b")
    assert archive.read(archive.write(moved)).location == "https://news.example/b"
    odd = response(status=299, body=b"\x00\xff", headers={"x": "ü\x85", "content-type": "text/html"})
    assert archive.read(archive.write(odd)).body == b"\x00\xff"
    empty = archive.read(archive.write(response(body=b"")))
    assert (empty.body, empty.status) == (b"", 200)


def test_closed_file_is_read(archive: Archive) -> None:
    position = archive.write(response())
    archive.close()
    assert archive.read(position).url == "https://news.example/0"
    assert archive.write(response(1)).partition("#")[0] != position.partition("#")[0]


def test_other_process_reads_an_open_file(archive: Archive, open_archive: OpenArchive) -> None:
    position = archive.write(response())
    assert open_archive().read(position).body == response().body


@pytest.mark.parametrize("position", ["", "x", "copydesk-20261124T123015-a-1-a.warc.gz#0", "../../etc/passwd#0", "a#b"])
def test_invalid_position_is_unreadable(archive: Archive, position: str) -> None:
    with pytest.raises(Unreadable):
        archive.read(position)


def test_offset_inside_a_record_is_unreadable(archive: Archive) -> None:
    name, _, offset = archive.write(response()).partition("#")
    with pytest.raises(Unreadable):
        archive.read(f"{name}#{int(offset) + 1}")
    with pytest.raises(Unreadable):
        archive.read(f"{name}#0")  # the warcinfo record of the file


def test_full_file_is_followed_by_a_new_one(open_archive: OpenArchive) -> None:
    archive = open_archive(archive_segment_bytes=10_000)
    positions = [archive.write(response(n, body=os.urandom(4000))) for n in range(9)]
    assert len(archive.segments()) == 3
    assert [archive.read(p).url for p in positions] == [f"https://news.example/{n}" for n in range(9)]


def test_replay_yields_all_pages_in_order(open_archive: OpenArchive) -> None:
    archive = open_archive(archive_segment_bytes=10_000)
    positions = [archive.write(response(n, body=os.urandom(4000))) for n in range(9)]
    assert [position for position, _ in archive.replay()] == positions
    assert [position for position, _ in archive.replay(after=positions[4])] == positions[5:]
    assert list(archive.replay(after=positions[-1])) == []


def test_replay_continues_after_a_broken_file(open_archive: OpenArchive, tmp_path: Path) -> None:
    archive = open_archive()
    first = archive.write(response(0))
    archive.write(response(1))
    archive.close()
    (path,) = (tmp_path / "archive").glob("*.warc.gz")
    path.write_bytes(path.read_bytes()[:-30])
    last = archive.write(response(2))
    assert [position for position, _ in archive.replay()] == [first, last]


def test_threads_share_an_archive(archive: Archive) -> None:
    positions: dict[int, str] = {}

    def write(start: int) -> None:
        for n in range(start, start + 50):
            positions[n] = archive.write(response(n))

    threads = [threading.Thread(target=write, args=(n * 50,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(archive.read(position).url == f"https://news.example/{n}" for n, position in positions.items())
    assert len(archive.segments()) == 1


# -- other readers


def test_fastwarc_reads_the_files_and_confirms_their_digests(archive: Archive, tmp_path: Path) -> None:
    for n in range(3):
        archive.write(response(n))
    archive.close()
    (path,) = (tmp_path / "archive").glob("*.warc.gz")
    with path.open("rb") as stream:
        records = []
        for record in ArchiveIterator(stream, verify_digests=True):
            http = record.http_content_type if record.record_type == WarcRecordType.response else None
            records.append((record.record_type, record.headers.get("WARC-Target-URI"), http, record.reader.read()))
    assert records[0][0] == WarcRecordType.warcinfo
    assert b"Copydesk" in records[0][3]
    assert [r[1] for r in records[1:]] == [f"https://news.example/{n}" for n in range(3)]
    assert all(r[2] == "text/html" for r in records[1:])
    assert records[1][3] == response(0).body


# -- dead processes, full disks


def _write_and_die(folder: str, ready: Any) -> None:
    archive = Archive(settings(Path(folder)))
    ready.send(archive.write(response(1)))
    position = archive.write(response(2))
    (path,) = (Path(folder) / "archive").glob("*.open")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 20)  # the last record is incomplete
    ready.send(position)
    os._exit(1)


def test_file_of_a_dead_process_is_closed_after_its_last_complete_record(archive: Archive, tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(str(tmp_path), theirs))
    process.start()
    complete, truncated = ours.recv(), ours.recv()
    process.join()
    alive = archive.write(response(3))
    assert archive.tidy(NOW) == 0
    assert archive.read(complete).url == "https://news.example/1"
    with pytest.raises(Unreadable):
        archive.read(truncated)
    names = sorted(p.name for p in (tmp_path / "archive").iterdir())
    assert sum(n.endswith(".open") for n in names) == 1  # ours
    assert archive.read(alive).url == "https://news.example/3"
    assert [f.url for _, f in archive.replay()] == ["https://news.example/1", "https://news.example/3"]


def test_full_disk_leaves_no_incomplete_record(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    first = archive.write(response(1))
    file: Any = archive._file

    class FullFile:
        """A file that writes half of the data."""

        def __getattr__(self, name: str) -> Any:
            return getattr(file, name)

        def write(self, data: bytes) -> int:
            written: int = file.write(data[: len(data) // 2])
            return written

    monkeypatch.setattr(archive, "_file", FullFile())
    with pytest.raises(Unavailable, match="free some space"):
        archive.write(response(2))
    monkeypatch.setattr(archive, "_file", file)
    third = archive.write(response(3))
    assert [position for position, _ in archive.replay()] == [first, third]


@pytest.fixture(params=["below a file", "not creatable"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a data folder that even root cannot create."""
    file = tmp_path / "file"
    file.touch()
    return file / "data" if request.param == "below a file" else Path("/proc/copydesk")


def test_unusable_folder_fails_at_the_first_write(unusable: Path) -> None:
    archive = Archive(settings(unusable))
    assert archive.segments() == []
    with pytest.raises(Unavailable, match="Cannot use the archive"):
        archive.write(response())
    archive.close()


def test_folder_is_created_by_the_first_write(open_archive: OpenArchive, tmp_path: Path) -> None:
    archive = open_archive()
    assert (archive.tidy(NOW), archive.segments()) == (0, [])
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("how", ["deleted", "moved away"])
def test_deleted_folder_is_created_again(archive: Archive, tmp_path: Path, how: str) -> None:
    archive.write(response(1))
    if how == "deleted":
        shutil.rmtree(tmp_path / "archive")
    else:
        (tmp_path / "archive").rename(tmp_path / "elsewhere")
    assert archive.read(archive.write(response(2))).url == "https://news.example/2"
    shutil.rmtree(tmp_path / "archive")
    archive.close()


def test_failing_disk_is_unavailable(open_archive: OpenArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = open_archive()
    position = archive.write(response())
    archive.close()

    def fail(*_: object, **__: object) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(archive._fs, "ls", fail)
    monkeypatch.setattr(Path, "open", fail)
    for use in (archive.segments, lambda: archive.tidy(NOW), lambda: archive.read(position)):
        with pytest.raises(Unavailable, match="Input/output error"):
            use()


# -- storage and retention


def test_files_move_to_another_file_system(open_archive: OpenArchive, tmp_path: Path) -> None:
    url = f"memory://archive-{tmp_path.name}"
    archive = open_archive(archive_url=url, archive_segment_bytes=10_000)
    positions = [archive.write(response(n, body=os.urandom(4000))) for n in range(5)]
    fs, root = fsspec.core.url_to_fs(url)
    assert len(fs.ls(root)) == 1
    assert [p.suffix for p in (tmp_path / "archive").iterdir()] == [".open"]
    assert [position for position, _ in archive.replay()] == positions
    assert archive.read(positions[0]).url == "https://news.example/0"
    archive.close()
    assert len(fs.ls(root)) == 2
    assert list((tmp_path / "archive").iterdir()) == []


def test_failing_file_system_loses_nothing(
    open_archive: OpenArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"memory://archive-{tmp_path.name}"
    archive = open_archive(archive_url=url)
    position = archive.write(response())
    with monkeypatch.context() as broken:
        broken.setattr(archive._fs, "put_file", lambda *_: 1 / 0)
        archive.close()
    assert archive.read(position).url == "https://news.example/0"
    archive.tidy(NOW)
    assert list((tmp_path / "archive").iterdir()) == []
    assert archive.read(position).url == "https://news.example/0"


def test_unknown_file_system_is_bad_input(open_archive: OpenArchive) -> None:
    with pytest.raises(BadInput, match="Invalid archive_url klingon://x"):
        open_archive(archive_url="klingon://x")


@pytest.mark.parametrize("url", [None, "memory://kept"])
def test_old_files_are_deleted(open_archive: OpenArchive, tmp_path: Path, url: str | None) -> None:
    url = f"{url}-{tmp_path.name}" if url else None
    archive = open_archive(archive_url=url, archive_keep_days=10)
    positions = []
    for days in (20, 12, 9, 1):
        positions.append(archive.write(replace(response(days), fetched_at=NOW - timedelta(days=days))))
        archive.close()
    assert archive.tidy(NOW) == 2
    assert [f.url for _, f in archive.replay()] == ["https://news.example/9", "https://news.example/1"]
    with pytest.raises(Unreadable, match="no longer"):
        archive.read(positions[0])


def test_file_is_kept_until_its_last_page_is_old(open_archive: OpenArchive) -> None:
    archive = open_archive(archive_keep_days=10)
    early, late = archive.write(response(0)), archive.write(replace(response(1), fetched_at=NOW + timedelta(days=10)))
    archive.close()
    assert archive.tidy(NOW + timedelta(days=11, hours=1)) == 1
    assert archive.read(late).url == "https://news.example/1"
    with pytest.raises(Unreadable, match="no longer"):
        archive.read(early)


def test_page_of_a_files_last_hour_is_kept_for_the_full_time(open_archive: OpenArchive) -> None:
    archive = open_archive(archive_keep_days=10)
    first, last = archive.write(response(0)), archive.write(replace(response(1), fetched_at=NOW + timedelta(hours=23)))
    assert first.partition("#")[0] == last.partition("#")[0]
    archive.close()
    assert archive.tidy(NOW + timedelta(days=10, hours=22)) == 0
    assert archive.tidy(NOW + timedelta(days=11, hours=1)) == 1


def test_file_is_closed_after_a_day_without_writes(archive: Archive, tmp_path: Path) -> None:
    archive.write(response())
    archive.tidy(NOW + timedelta(hours=23))
    assert [p.suffix for p in (tmp_path / "archive").iterdir()] == [".open"]
    archive.tidy(NOW + timedelta(hours=25))
    assert [p.suffix for p in (tmp_path / "archive").iterdir()] == [".gz"]


def test_hidden_file_is_kept_until_its_process_is_dead(open_archive: OpenArchive, tmp_path: Path) -> None:
    folder, remote = tmp_path / "archive", tmp_path / "remote"
    archive = open_archive(archive_url=str(remote))
    folder.mkdir()
    hidden = folder / f".copydesk-{NOW:%Y%m%dT%H%M%S}-host-1-abc123.warc.gz"
    hidden.write_bytes(b"half")
    os.utime(hidden, (NOW.timestamp(), NOW.timestamp()))
    archive.tidy(NOW + timedelta(minutes=1))
    assert (hidden.exists(), list(remote.glob("*"))) == (True, [])
    with hidden.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        archive.tidy(NOW + timedelta(days=1))
        assert hidden.exists()
    archive.tidy(NOW + timedelta(days=1))
    assert (list(folder.iterdir()), list(remote.glob("*"))) == ([], [])


def test_oldest_files_are_deleted_above_the_size_limit(open_archive: OpenArchive) -> None:
    archive = open_archive(archive_max_bytes=1_000_000)
    for n in range(5):
        archive.write(response(n, body=os.urandom(400_000)))
        archive.close()
    assert archive.tidy(NOW) == 3
    assert [f.url for _, f in archive.replay()] == ["https://news.example/3", "https://news.example/4"]


def test_foreign_file_in_the_folder_is_kept(archive: Archive, tmp_path: Path) -> None:
    archive.write(response())
    archive.close()
    (own,) = archive.segments()
    foreign = tmp_path / "archive" / "mine.warc.gz"
    foreign.write_bytes(gzip.compress(b"x"))
    (tmp_path / "archive" / "mine.warc.gz.open").write_bytes(b"x")
    assert archive.segments() == [own]
    archive.tidy(NOW + timedelta(days=9999))
    assert foreign.exists()
    assert (tmp_path / "archive" / "mine.warc.gz.open").exists()
    assert archive.segments() == []
