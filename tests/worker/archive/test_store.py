"""The archive writes WARC that others read, finds what it wrote, and survives its own death."""

from __future__ import annotations

import fcntl
import gzip
import multiprocessing
import os
import shutil
import subprocess
import sys
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


def answer(n: int = 0, **more: Any) -> Fetched:
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


Opener = Callable[..., Archive]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Opens archives in the test's folder, which are closed after it."""
    archives: list[Archive] = []

    def make(**more: Any) -> Archive:
        archives.append(Archive(settings(tmp_path, **more)))
        return archives[-1]

    yield make
    for archive in archives:
        archive.close()


@pytest.fixture
def archive(opened: Opener) -> Archive:
    return opened()


def test_what_was_written_is_read(archive: Archive) -> None:
    written = [answer(n) for n in range(5)]
    places = [archive.write(a) for a in written]
    assert len(set(places)) == 5
    for place, original in reversed(list(zip(places, written, strict=True))):
        got = archive.read(place)
        assert (got.url, got.status, got.body, got.fetched_at) == (
            original.url,
            200,
            original.body,
            original.fetched_at,
        )
        assert got.content_type == "text/html; charset=utf-8"
        assert "content-encoding" not in got.headers


def test_redirects_and_odd_answers(archive: Archive) -> None:
    moved = answer(status=301, body=b"", headers={"location": "/b"}, location="https://news.example/b")
    assert archive.read(archive.write(moved)).location == "https://news.example/b"
    odd = answer(status=299, body=b"\x00\xff", headers={"x": "ü\x85", "content-type": "text/html"})
    assert archive.read(archive.write(odd)).body == b"\x00\xff"
    empty = archive.read(archive.write(answer(body=b"")))
    assert (empty.body, empty.status) == (b"", 200)


def test_a_closed_file_is_read_too(archive: Archive) -> None:
    place = archive.write(answer())
    archive.close()
    assert archive.read(place).url == "https://news.example/0"
    assert archive.write(answer(1)).partition("#")[0] != place.partition("#")[0]


def test_another_process_reads_what_is_being_written(archive: Archive, opened: Opener) -> None:
    place = archive.write(answer())
    assert opened().read(place).body == answer().body


@pytest.mark.parametrize("place", ["", "x", "copydesk-20261124T123015-a-1-a.warc.gz#0", "../../etc/passwd#0", "a#b"])
def test_no_such_place(archive: Archive, place: str) -> None:
    with pytest.raises(Unreadable):
        archive.read(place)


def test_a_place_within_a_record_is_none(archive: Archive) -> None:
    name, _, offset = archive.write(answer()).partition("#")
    with pytest.raises(Unreadable):
        archive.read(f"{name}#{int(offset) + 1}")
    with pytest.raises(Unreadable):
        archive.read(f"{name}#0")  # there stands the file's own description


def test_full_files_are_followed_by_new_ones(opened: Opener) -> None:
    archive = opened(archive_segment_bytes=10_000)
    places = [archive.write(answer(n, body=os.urandom(4000))) for n in range(9)]
    assert len(archive.segments()) == 3
    assert [archive.read(p).url for p in places] == [f"https://news.example/{n}" for n in range(9)]


def test_replay(opened: Opener) -> None:
    archive = opened(archive_segment_bytes=10_000)
    places = [archive.write(answer(n, body=os.urandom(4000))) for n in range(9)]
    assert [place for place, _ in archive.replay()] == places
    assert [place for place, _ in archive.replay(after=places[4])] == places[5:]
    assert list(archive.replay(after=places[-1])) == []


def test_replay_passes_broken_files(opened: Opener, tmp_path: Path) -> None:
    archive = opened()
    first = archive.write(answer(0))
    archive.write(answer(1))
    archive.close()
    (path,) = (tmp_path / "archive").glob("*.warc.gz")
    path.write_bytes(path.read_bytes()[:-30])
    last = archive.write(answer(2))
    assert [place for place, _ in archive.replay()] == [first, last]


def test_threads_share_one(archive: Archive) -> None:
    places: dict[int, str] = {}

    def write(start: int) -> None:
        for n in range(start, start + 50):
            places[n] = archive.write(answer(n))

    threads = [threading.Thread(target=write, args=(n * 50,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(archive.read(place).url == f"https://news.example/{n}" for n, place in places.items())
    assert len(archive.segments()) == 1


# -- others read it


def test_warcio_checks_it(archive: Archive, tmp_path: Path) -> None:
    for n in range(3):
        archive.write(answer(n))
    archive.close()
    files = [str(p) for p in (tmp_path / "archive").glob("*.warc.gz")]
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", *files]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("digest pass") == 4  # one of them describes the file


def test_fastwarc_reads_it(archive: Archive, tmp_path: Path) -> None:
    for n in range(3):
        archive.write(answer(n))
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
    assert records[1][3] == answer(0).body


# -- dying


def _write_and_die(folder: str, ready: Any) -> None:
    archive = Archive(settings(Path(folder)))
    ready.send(archive.write(answer(1)))
    place = archive.write(answer(2))
    (path,) = (Path(folder) / "archive").glob("*.open")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 20)  # the last record is not whole
    ready.send(place)
    os._exit(1)


def test_what_a_dead_process_left_is_closed_at_its_last_whole_record(archive: Archive, tmp_path: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(str(tmp_path), theirs))
    process.start()
    whole, torn = ours.recv(), ours.recv()
    process.join()
    alive = archive.write(answer(3))
    assert archive.tidy(NOW) == 0
    assert archive.read(whole).url == "https://news.example/1"
    with pytest.raises(Unreadable):
        archive.read(torn)
    names = sorted(p.name for p in (tmp_path / "archive").iterdir())
    assert sum(n.endswith(".open") for n in names) == 1  # ours
    assert archive.read(alive).url == "https://news.example/3"
    assert [f.url for _, f in archive.replay()] == ["https://news.example/1", "https://news.example/3"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_leaves_no_torn_record(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    first = archive.write(answer(1))
    file = archive._file
    assert file

    class Full:
        """Takes half of what it is given."""

        def __getattr__(self, name: str) -> Any:
            return getattr(file, name)

        def write(self, data: bytes) -> int:
            return file.write(data[: len(data) // 2])

    monkeypatch.setattr(archive, "_file", Full())
    with pytest.raises(Unavailable, match="free some space"):
        archive.write(answer(2))
    monkeypatch.setattr(archive, "_file", file)
    third = archive.write(answer(3))
    assert [place for place, _ in archive.replay()] == [first, third]


@pytest.fixture(params=["below a file", "not to be made"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder that not even root can have."""
    file = tmp_path / "file"
    file.touch()
    return file / "data" if request.param == "below a file" else Path("/proc/copydesk")


def test_an_unusable_folder_is_no_matter_until_something_is_written(unusable: Path) -> None:
    archive = Archive(settings(unusable))
    assert archive.segments() == []
    with pytest.raises(Unavailable, match="the archive cannot be used"):
        archive.write(answer())
    archive.close()


def test_nothing_is_made_before_something_is_written(opened: Opener, tmp_path: Path) -> None:
    archive = opened()
    assert (archive.tidy(NOW), archive.segments()) == (0, [])
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("how", ["deleted", "moved away"])
def test_a_folder_that_vanishes_is_made_anew(archive: Archive, tmp_path: Path, how: str) -> None:
    archive.write(answer(1))
    if how == "deleted":
        shutil.rmtree(tmp_path / "archive")
    else:
        (tmp_path / "archive").rename(tmp_path / "elsewhere")
    assert archive.read(archive.write(answer(2))).url == "https://news.example/2"
    shutil.rmtree(tmp_path / "archive")
    archive.close()


def test_a_disk_that_fails_is_unavailable(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = opened()
    place = archive.write(answer())
    archive.close()

    def fail(*_: object, **__: object) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(archive._fs, "ls", fail)
    monkeypatch.setattr(Path, "open", fail)
    for use in (archive.segments, lambda: archive.tidy(NOW), lambda: archive.read(place)):
        with pytest.raises(Unavailable, match="Input/output error"):
            use()


# -- where files go, and for how long


def test_another_file_system(opened: Opener, tmp_path: Path) -> None:
    url = f"memory://archive-{tmp_path.name}"
    archive = opened(archive_url=url, archive_segment_bytes=10_000)
    places = [archive.write(answer(n, body=os.urandom(4000))) for n in range(5)]
    fs, root = fsspec.core.url_to_fs(url)
    assert len(fs.ls(root)) == 1
    assert [p.suffix for p in (tmp_path / "archive").iterdir()] == [".open"]
    assert [place for place, _ in archive.replay()] == places
    assert archive.read(places[0]).url == "https://news.example/0"
    archive.close()
    assert len(fs.ls(root)) == 2
    assert list((tmp_path / "archive").iterdir()) == []


def test_a_file_system_that_fails_loses_nothing(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"memory://archive-{tmp_path.name}"
    archive = opened(archive_url=url)
    place = archive.write(answer())
    with monkeypatch.context() as broken:
        broken.setattr(archive._fs, "put_file", lambda *_: 1 / 0)
        archive.close()
    assert archive.read(place).url == "https://news.example/0"
    archive.tidy(NOW)
    assert list((tmp_path / "archive").iterdir()) == []
    assert archive.read(place).url == "https://news.example/0"


def test_a_wrong_file_system(opened: Opener) -> None:
    with pytest.raises(BadInput, match="archive_url: cannot use klingon://x"):
        opened(archive_url="klingon://x")


@pytest.mark.parametrize("url", [None, "memory://kept"])
def test_old_files_are_deleted(opened: Opener, tmp_path: Path, url: str | None) -> None:
    url = f"{url}-{tmp_path.name}" if url else None
    archive = opened(archive_url=url, archive_keep_days=10)
    places = []
    for days in (20, 12, 9, 1):
        places.append(archive.write(replace(answer(days), fetched_at=NOW - timedelta(days=days))))
        archive.close()
    assert archive.tidy(NOW) == 2
    assert [f.url for _, f in archive.replay()] == ["https://news.example/9", "https://news.example/1"]
    with pytest.raises(Unreadable, match="any more"):
        archive.read(places[0])


def test_pages_are_kept_until_they_are_old_whatever_else_their_file_holds(opened: Opener) -> None:
    archive = opened(archive_keep_days=10)
    early, late = archive.write(answer(0)), archive.write(replace(answer(1), fetched_at=NOW + timedelta(days=10)))
    archive.close()
    assert archive.tidy(NOW + timedelta(days=11, hours=1)) == 1
    assert archive.read(late).url == "https://news.example/1"
    with pytest.raises(Unreadable, match="any more"):
        archive.read(early)


def test_a_page_of_the_files_last_hour_is_kept_as_long_as_others(opened: Opener) -> None:
    archive = opened(archive_keep_days=10)
    first, last = archive.write(answer(0)), archive.write(replace(answer(1), fetched_at=NOW + timedelta(hours=23)))
    assert first.partition("#")[0] == last.partition("#")[0]
    archive.close()
    assert archive.tidy(NOW + timedelta(days=10, hours=22)) == 0
    assert archive.tidy(NOW + timedelta(days=11, hours=1)) == 1


def test_a_file_ends_after_a_day_even_if_nothing_more_is_written(archive: Archive, tmp_path: Path) -> None:
    archive.write(answer())
    archive.tidy(NOW + timedelta(hours=23))
    assert [p.suffix for p in (tmp_path / "archive").iterdir()] == [".open"]
    archive.tidy(NOW + timedelta(hours=25))
    assert [p.suffix for p in (tmp_path / "archive").iterdir()] == [".gz"]


def test_a_file_that_is_being_begun_is_left_alone_until_it_is_clearly_dead(opened: Opener, tmp_path: Path) -> None:
    folder, remote = tmp_path / "archive", tmp_path / "remote"
    archive = opened(archive_url=str(remote))
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


def test_the_oldest_files_are_deleted_above_the_bound(opened: Opener) -> None:
    archive = opened(archive_max_bytes=1_000_000)
    for n in range(5):
        archive.write(answer(n, body=os.urandom(400_000)))
        archive.close()
    assert archive.tidy(NOW) == 3
    assert [f.url for _, f in archive.replay()] == ["https://news.example/3", "https://news.example/4"]


def test_a_stranger_in_the_folder_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    archive.write(answer())
    archive.close()
    (ours,) = archive.segments()
    stranger = tmp_path / "archive" / "mine.warc.gz"
    stranger.write_bytes(gzip.compress(b"x"))
    (tmp_path / "archive" / "mine.warc.gz.open").write_bytes(b"x")
    assert archive.segments() == [ours]
    archive.tidy(NOW + timedelta(days=9999))
    assert stranger.exists()
    assert (tmp_path / "archive" / "mine.warc.gz.open").exists()
    assert archive.segments() == []
