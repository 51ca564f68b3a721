"""The archive: every response as it was received, in WARC files, so that articles can be extracted from it again.

Each process appends to its own file, `NAME.warc.gz.open` in `data_dir/archive`. A file that is full or a day old loses
the ".open" and is moved to `archive_url` (a folder, or S3 and others through fsspec). The position of a page is
"NAME.warc.gz#OFFSET". A process that dies leaves its open file behind. Its lock ends with the process, and `tidy`
closes the file after its last complete record.
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

from worker.archive.warc_reader import member_ends, read_pages
from worker.archive.warc_writer import info_record, response_record
from worker.config.folders import make_private_folder, open_private
from worker.config.settings import Settings
from worker.errors import BadInput, CopydeskError, Unavailable, Unreadable
from worker.model.records import Fetched

log = logging.getLogger(__name__)

NAME = re.compile(r"copydesk-(\d{8}T\d{6})-[\w.-]{1,80}\.warc\.gz")
OPEN = ".open"
MAX_FILE_AGE = timedelta(days=1)  # so that the date in a file's name limits the age of its newest page
MAX_CREATION_TIME = timedelta(hours=1)  # between creating a hidden file and giving it its name


class Archive:
    """The archive of one installation. Threads may share it. Build one per process, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data_dir / "archive"  # created with the first file
        self._fs, self._root = _file_system(settings.archive_url or str(self._folder))
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._path = self._folder

    def write(self, fetched: Fetched) -> str:
        """Append a response and return its position. Raise `Unavailable` if it cannot be written.

        The file is not synced: a power failure may lose the last responses.
        """
        data = response_record(fetched)
        with self._lock, _translate_errors():
            self._close_old_file(fetched.fetched_at)
            file = self._current_file() or self._create_file(fetched.fetched_at)
            position = f"{self._path.name.removesuffix(OPEN)}#{_append(file, data)}"
            if file.tell() >= self._settings.archive_segment_bytes:
                self._close_file()
        return position

    def read(self, position: str) -> Fetched:
        """Return the response at a position.

        Raise `Unreadable` if there is none, or no longer one, and `Unavailable` if the disk fails.
        """
        name, _, offset = position.partition("#")
        if not NAME.fullmatch(name) or not offset.isdigit():
            raise Unreadable(f"invalid archive position: {position!r}")
        with self._opened(name) as stream:
            stream.seek(int(offset))
            page = next(read_pages(stream, max_bytes=self._settings.fetch_max_body_bytes), None)
        if page is None or page.offset != int(offset):
            raise Unreadable(f"no response at the archive position {position}")
        return page.fetched

    def replay(self, after: str = "") -> Iterator[tuple[str, Fetched]]:
        """Yield every response with its position, the oldest file first, beginning after the position `after`.

        A broken file ends at its first broken record; the next files follow.
        """
        last, _, offset = after.partition("#")
        for name in self.segments():
            if name < last:
                continue
            start = int(offset) if name == last else 0
            with contextlib.suppress(Unreadable), self._opened(name) as stream:
                stream.seek(start)
                for page in read_pages(stream, max_bytes=self._settings.fetch_max_body_bytes):
                    position = f"{name}#{page.offset}"
                    if position != after:
                        yield position, page.fetched

    def segments(self) -> list[str]:
        """Return the names of all files, the oldest first, including those that are still written to."""
        with _translate_errors():
            local = {p.name.removesuffix(OPEN) for p in self._folder.glob("*")}
            return sorted(n for n in local | set(self._stored_files()) if NAME.fullmatch(n))

    def tidy(self, now: datetime) -> int:
        """Close old and abandoned files, move closed files to `archive_url`, delete the oldest above the limits.

        Return the number of deleted files. One process calls it from time to time; several do no harm.
        """
        with self._lock, _translate_errors():
            self._close_old_file(now)
        with _translate_errors():
            return self._tidy(now)

    def _tidy(self, now: datetime) -> int:
        for path in self._local_files(OPEN):
            self._close_abandoned(path)
        for path in self._local_files():
            self._move_to_storage(path)
        for path in self._folder.glob(".copydesk-*.warc.gz"):
            _remove_abandoned_hidden(path, now)
        sizes = self._stored_files()
        oldest = _stamp(now - MAX_FILE_AGE - timedelta(days=self._settings.archive_keep_days))
        total, expired = sum(sizes.values()), list[str]()
        for name in sorted(sizes):
            if _stamp_of(name) < oldest or total > self._settings.archive_max_bytes:
                expired.append(name)
                total -= sizes[name]
        for name in expired:
            self._fs.rm_file(f"{self._root}/{name}")
        return len(expired)

    def close(self) -> None:
        """Close the file of this process and move it to `archive_url`."""
        with self._lock, _translate_errors():
            if self._current_file():
                self._close_file()

    # -- the file of this process; the caller holds the lock

    def _current_file(self) -> BinaryIO | None:
        """Return the open file, or None if there is none or it was deleted: data written to it would be lost."""
        if self._file and not self._path.exists():
            log.warning("The archive file %s was deleted. A new file is created.", self._path)
            self._file.close()
            self._file = None
        return self._file

    def _close_old_file(self, now: datetime) -> None:
        if self._current_file() and _stamp_of(self._path.name.removesuffix(OPEN)) <= _stamp(now - MAX_FILE_AGE):
            self._close_file()

    def _create_file(self, now: datetime) -> BinaryIO:
        host = re.sub(r"[^\w.-]", "-", socket.gethostname())[:40]
        name = f"copydesk-{_stamp(now)}-{host}-{os.getpid()}-{secrets.token_hex(3)}.warc.gz"
        make_private_folder(self._folder)
        hidden = self._folder / f".{name}"  # hidden until it is locked, otherwise `tidy` would close it as abandoned
        file = os.fdopen(open_private(str(hidden), os.O_CREAT | os.O_EXCL | os.O_WRONLY), "wb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        fields = {"software": "Copydesk", "format": "WARC File Format 1.1", "robots": "classic"}
        _append(file, info_record(name, now, fields | {"http-header-user-agent": self._settings.fetch_user_agent}))
        self._path = hidden.rename(self._folder / (name + OPEN))
        self._file = file
        return file

    def _close_file(self) -> None:
        file, self._file = self._file, None
        assert file
        with file:
            full = self._path.rename(self._path.with_name(self._path.name.removesuffix(OPEN)))
        self._move_to_storage(full)

    # -- files of all processes

    def _local_files(self, suffix: str = "") -> list[Path]:
        """Return the closed files of the archive in the local folder, or those with a suffix."""
        return [p for p in self._folder.glob(f"copydesk-*{suffix}") if NAME.fullmatch(p.name.removesuffix(suffix))]

    def _move_to_storage(self, path: Path) -> None:
        """Move a closed file to `archive_url`."""
        if self._settings.archive_url is None:
            return
        try:
            self._fs.makedirs(self._root, exist_ok=True)
            self._fs.put_file(str(path), f"{self._root}/{path.name}")
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            log.debug("Another process has moved %s to the storage", path.name)
        except Exception as e:  # each file system has its own errors; the next `tidy` tries again
            log.warning("Cannot move %s to %s: %s", path.name, self._settings.archive_url, _explain(e))

    def _close_abandoned(self, path: Path) -> None:
        """Close an open file if its process is dead, and cut off an incomplete last record."""
        with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
            if _lock_if_abandoned(file):
                file.truncate(max(member_ends(file), default=0))
                path.rename(path.with_name(path.name.removesuffix(OPEN)))

    def _stored_files(self) -> dict[str, int]:
        """Return the names and sizes in bytes of the files in the storage."""
        self._fs.invalidate_cache()  # other processes add files too
        try:
            found = self._fs.ls(self._root, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        names = {str(f["name"]).rpartition("/")[2]: int(f["size"] or 0) for f in found}
        return {n: size for n, size in names.items() if NAME.fullmatch(n)}

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        with _translate_errors(), self._open(name) as stream:
            yield stream

    def _open(self, name: str) -> BinaryIO:
        for path in (self._folder / (name + OPEN), self._folder / name):
            with contextlib.suppress(FileNotFoundError):
                return path.open("rb")
        try:
            stream: BinaryIO = self._fs.open(f"{self._root}/{name}", "rb")
        except FileNotFoundError:
            raise Unreadable(f"{name} is no longer in the archive") from None
        return stream


@contextlib.contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise the errors of a file system as `Unavailable`."""
    try:
        yield
    except CopydeskError:
        raise
    except Exception as e:  # each file system has its own errors
        advice = "free some space, check its permissions and archive_url, or set archive = false"
        raise Unavailable(f"Cannot use the archive: {_explain(e)}; {advice}") from e


def _explain(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return str(error) or type(error).__name__


def _append(file: BinaryIO, data: bytes) -> int:
    """Append data and return its offset. On a full disk, remove the part that was written."""
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


def _stamp_of(name: str) -> str:
    """Return the time stamp in the name of a file."""
    match = NAME.fullmatch(name)
    return match[1] if match else ""


def _lock_if_abandoned(file: BinaryIO) -> bool:
    """Lock a file and return True if no process holds its lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_abandoned_hidden(path: Path, now: datetime) -> None:
    """Remove a hidden file if its process died before giving it its name."""
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        if os.fstat(file.fileno()).st_mtime < (now - MAX_CREATION_TIME).timestamp() and _lock_if_abandoned(file):
            path.unlink()


def _file_system(url: str) -> tuple[Any, str]:
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as e:
        raise BadInput(f"Invalid archive_url {url}: {e}") from None
    return fs, str(root)
