"""The archive: every answer as it came, in WARC files that any WARC tool reads, so that it can be read again.

Each process appends to one file of its own, `NAME.warc.gz.open`, in `data_dir/archive`. One that is full or a day old
loses the ".open" and goes to `archive_url` (a folder, or S3 and the like through fsspec). A place is
"NAME.warc.gz#OFFSET". Whoever dies leaves an open file behind; its lock goes with the process, and `tidy` closes it at
its last whole record.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import fsspec

from worker.archive import warc
from worker.config.folders import make_private_folder, open_private
from worker.config.settings import Settings
from worker.errors import BadInput, CopydeskError, Unavailable, Unreadable
from worker.model.records import Fetched

log = logging.getLogger(__name__)

NAME = re.compile(r"copydesk-(\d{8}T\d{6})-[\w.-]{1,80}\.warc\.gz")
OPEN = ".open"
SPAN = timedelta(days=1)  # that a file holds at most: its name alone says how old its last page can be
BEGINNING = timedelta(hours=1)  # that it takes at most to begin a file


class Archive:
    """Safe to share between threads; build one per process, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data_dir / "archive"  # made with the first file
        self._fs, self._root = _file_system(settings.archive_url or str(self._folder))
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._path = self._folder

    def write(self, fetched: Fetched) -> str:
        """Append an answer; returns its place. Handed to the system, not synced: a power cut may lose the last ones.
        `Unavailable` where the disk does not take it."""
        data = warc.response_record(fetched)
        with self._lock, _explained():
            self._end_old(fetched.fetched_at)
            file = self._current() or self._begin(fetched.fetched_at)
            place = f"{self._path.name.removesuffix(OPEN)}#{_append(file, data)}"
            if file.tell() >= self._settings.archive_segment_bytes:
                self._end()
        return place

    def read(self, place: str) -> Fetched:
        """The answer at a place. `Unreadable` where there is none (any more), `Unavailable` where the disk fails."""
        name, _, offset = place.partition("#")
        if not NAME.fullmatch(name) or not offset.isdigit():
            raise Unreadable(f"{place!r} is no place in the archive")
        with self._opened(name) as stream:
            stream.seek(int(offset))
            recorded = next(warc.read_pages(stream, most_bytes=self._settings.fetch_max_body_bytes), None)
        if recorded is None or recorded.offset != int(offset):
            raise Unreadable(f"there is no answer at {place}")
        return recorded.fetched

    def replay(self, after: str = "") -> Iterator[tuple[str, Fetched]]:
        """Every answer with its place, oldest file first, from the place `after` on (without it). A broken file ends
        early; the others go on."""
        last, _, offset = after.partition("#")
        for name in self.segments():
            if name < last:
                continue
            start = int(offset) if name == last else 0
            with contextlib.suppress(Unreadable), self._opened(name) as stream:
                stream.seek(start)
                for recorded in warc.read_pages(stream, most_bytes=self._settings.fetch_max_body_bytes):
                    place = f"{name}#{recorded.offset}"
                    if place != after:
                        yield place, recorded.fetched

    def segments(self) -> list[str]:
        """Names of all files, the oldest first; those still written to included."""
        with _explained():
            local = {p.name.removesuffix(OPEN) for p in self._folder.glob("*")}
            return sorted(n for n in local | set(self._stored()) if NAME.fullmatch(n))

    def tidy(self, now: datetime) -> int:
        """Close what is a day old and what dead processes left, store what is closed, delete what is too old or too
        much. Returns how many files were deleted. For one process now and then; harmless for several."""
        with self._lock, _explained():
            self._end_old(now)
        with _explained():
            return self._tidy(now)

    def _tidy(self, now: datetime) -> int:
        for path in self._ours(OPEN):
            self._adopt(path)
        for path in self._ours():
            self._store(path)
        for path in self._folder.glob(".copydesk-*.warc.gz"):
            _remove_unbegun(path, now)
        sizes = self._stored()
        oldest = _stamp(now - SPAN - timedelta(days=self._settings.archive_keep_days))
        total, doomed = sum(sizes.values()), list[str]()
        for name in sorted(sizes):
            if _begun(name) < oldest or total > self._settings.archive_max_bytes:
                doomed.append(name)
                total -= sizes[name]
        for name in doomed:
            self._fs.rm_file(f"{self._root}/{name}")
        return len(doomed)

    def close(self) -> None:
        """Close and store this process's file."""
        with self._lock, _explained():
            if self._current():
                self._end()

    # -- this process's file; the lock is held

    def _current(self) -> BinaryIO | None:
        """The open file, unless somebody took it away: what is written to it then would be lost."""
        if self._file and not self._path.exists():
            log.warning("%s has vanished; a new file is begun", self._path)
            self._file.close()
            self._file = None
        return self._file

    def _end_old(self, now: datetime) -> None:
        if self._current() and _begun(self._path.name.removesuffix(OPEN)) <= _stamp(now - SPAN):
            self._end()

    def _begin(self, now: datetime) -> BinaryIO:
        host = re.sub(r"[^\w.-]", "-", socket.gethostname())[:40]
        name = f"copydesk-{_stamp(now)}-{host}-{os.getpid()}-{secrets.token_hex(3)}.warc.gz"
        make_private_folder(self._folder)
        hidden = self._folder / f".{name}"  # until it is locked: `tidy` must not take it for a dead one's
        file = os.fdopen(open_private(str(hidden), os.O_CREAT | os.O_EXCL | os.O_WRONLY), "wb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        fields = {"software": "Copydesk", "format": "WARC File Format 1.1", "robots": "classic"}
        _append(file, warc.info_record(name, now, fields | {"http-header-user-agent": self._settings.fetch_user_agent}))
        self._path = hidden.rename(self._folder / (name + OPEN))
        self._file = file
        return file

    def _end(self) -> None:
        file, self._file = self._file, None
        assert file
        with file:
            full = self._path.rename(self._path.with_name(self._path.name.removesuffix(OPEN)))
        self._store(full)

    # -- files of others

    def _ours(self, suffix: str = "") -> list[Path]:
        """Closed files in the local folder, or open ones; no hidden ones, and no stranger's."""
        return [p for p in self._folder.glob(f"copydesk-*{suffix}") if NAME.fullmatch(p.name.removesuffix(suffix))]

    def _store(self, path: Path) -> None:
        """To where full files go; it leaves the local folder once it is there."""
        if self._settings.archive_url is None:
            return
        try:
            self._fs.makedirs(self._root, exist_ok=True)
            self._fs.put_file(str(path), f"{self._root}/{path.name}")
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            log.debug("Another process has stored %s", path.name)
        except Exception as e:  # each file system has errors of its own; the file stays here until the next `tidy`
            log.warning("Cannot store %s in %s: %s", path.name, self._settings.archive_url, _problem(e))

    def _adopt(self, path: Path) -> None:
        """Close an open file whose process is gone, without the record that it died in."""
        with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
            if _is_dead(file):
                file.truncate(_whole(file))
                path.rename(path.with_name(path.name.removesuffix(OPEN)))

    def _stored(self) -> dict[str, int]:
        """Full files where they go, with their sizes in bytes."""
        self._fs.invalidate_cache()  # other processes store files too
        try:
            found = self._fs.ls(self._root, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        names = {str(f["name"]).rpartition("/")[2]: int(f["size"] or 0) for f in found}
        return {n: size for n, size in names.items() if NAME.fullmatch(n)}

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        with _explained(), self._open(name) as stream:
            yield stream

    def _open(self, name: str) -> BinaryIO:
        for path in (self._folder / (name + OPEN), self._folder / name):
            with contextlib.suppress(FileNotFoundError):
                return path.open("rb")
        try:
            stream: BinaryIO = self._fs.open(f"{self._root}/{name}", "rb")
        except FileNotFoundError:
            raise Unreadable(f"{name} is not in the archive any more") from None
        return stream


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """What a disk or another file system refuses, as `Unavailable`."""
    try:
        yield
    except CopydeskError:
        raise
    except Exception as e:  # each file system has errors of its own
        raise Unavailable(
            f"the archive cannot be used: {_problem(e)}; free some space, check its rights and address, or set "
            "archive = false"
        ) from e


def _problem(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return str(error) or type(error).__name__


def _append(file: BinaryIO, data: bytes) -> int:
    """Where the data begins. A record that finds no room leaves no trace."""
    offset = file.tell()
    try:
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        file.truncate(offset)
        file.seek(offset)
        raise
    return offset


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}"


def _begun(name: str) -> str:
    """The stamp in a file's name."""
    match = NAME.fullmatch(name)
    return match[1] if match else ""


def _is_dead(file: BinaryIO) -> bool:
    """Whether no process holds the file any more; if so, we do."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_unbegun(path: Path, now: datetime) -> None:
    """A hidden file whose process died before it was begun."""
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        if os.fstat(file.fileno()).st_mtime < (now - BEGINNING).timestamp() and _is_dead(file):
            path.unlink()


def _whole(stream: BinaryIO) -> int:
    """Bytes up to the end of the last whole gzip member."""
    return max(warc.member_ends(stream), default=0)


def _file_system(url: str) -> tuple[Any, str]:
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as e:
        raise BadInput(f"archive_url: cannot use {url}: {e}") from None
    return fs, str(root)
