"""Tests of the archive on a file system like those of clouds: it caches listings and raises its own errors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from worker.archive.store import Archive
from worker.config.settings import Settings
from worker.errors import Unavailable, Unreadable
from worker.model.records import Fetched

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
URL = "cloud://bucket/archive"


class NoCredentials(Exception):
    """An error that is not an OSError, as most cloud libraries raise."""


class Cloud(MemoryFileSystem):  # type: ignore[misc]
    """A file system in memory. Each instance is the view of one process."""

    protocol = "cloud"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    problem: ClassVar[Exception | None] = None

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        stripped: str = super()._strip_protocol(path.removeprefix("cloud:/"))
        return stripped

    def ls(self, path: str, detail: bool = True, **more: Any) -> list[Any]:
        self._refuse()
        if path not in self.dircache:
            self.dircache[path] = super().ls(path, detail=True, **more)
        found: list[Any] = self.dircache[path]
        return found if detail else [f["name"] for f in found]

    def invalidate_cache(self, path: str | None = None) -> None:
        self.dircache.clear()

    def open(self, *args: Any, **more: Any) -> Any:
        self._refuse()
        return super().open(*args, **more)

    def makedirs(self, *args: Any, **more: Any) -> None:
        self._refuse()
        super().makedirs(*args, **more)

    def _refuse(self) -> None:
        if self.problem:
            raise self.problem


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    fsspec.register_implementation("cloud", Cloud, clobber=True)
    initial: dict[str, Any] = {"store": {}, "pseudo_dirs": [""], "problem": None}
    for name, value in initial.items():
        monkeypatch.setattr(Cloud, name, value)
    Cloud.clear_instance_cache()
    yield
    Cloud.clear_instance_cache()


def open_in_new_process(folder: Path) -> Archive:
    Cloud.clear_instance_cache()  # it belongs to one process
    return Archive(Settings.model_validate({"data_dir": folder, "archive_url": URL, "archive_keep_days": 10}))


def response() -> Fetched:
    headers = {"content-type": "text/html"}
    return Fetched(
        url="https://news.example/a", status=200, headers=headers, body=b"<p>", fetched_at=NOW, elapsed_s=0.1
    )


def test_files_of_other_processes_are_seen(tmp_path: Path) -> None:
    own, other = open_in_new_process(tmp_path / "own"), open_in_new_process(tmp_path / "other")
    position = other.write(response())
    assert own.segments() == []
    other.close()
    assert own.segments() == [position.partition("#")[0]]
    assert [found for found, _ in own.replay()] == [position]
    assert (other.tidy(NOW), own.tidy(NOW + timedelta(days=12))) == (0, 1)
    assert (other.segments(), other.tidy(NOW + timedelta(days=12))) == ([], 0)
    with pytest.raises(Unreadable, match="no longer"):
        other.read(position)


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (NoCredentials("Unable to locate credentials"), "Unable to locate credentials"),
        (TimeoutError(), "TimeoutError"),
        (PermissionError(13, "Access Denied"), "Access Denied"),
        (RuntimeError(), "RuntimeError"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_are_explained_and_no_page_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, problem: Exception, message: str
) -> None:
    archive = open_in_new_process(tmp_path)
    position = archive.write(response())
    archive.close()
    here = archive.write(response())
    monkeypatch.setattr(Cloud, "problem", problem)
    for use in (
        archive.segments,
        lambda: archive.read(position),
        lambda: list(archive.replay()),
        lambda: archive.tidy(NOW),
    ):
        with pytest.raises(Unavailable, match=f"Cannot use the archive: {message}; .* archive_url"):
            use()
    archive.close()
    assert f"to {URL}: {message}" in caplog.text
    assert archive.read(here).url == response().url
    monkeypatch.setattr(Cloud, "problem", None)
    archive.tidy(NOW)
    assert list((tmp_path / "archive").iterdir()) == []
    assert [found for found, _ in archive.replay()] == sorted([position, here])
