"""The archive on a file system like those of the clouds: it keeps listings, and raises errors of its own."""

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
    """No OSError, as those of most clouds' libraries."""


class Cloud(MemoryFileSystem):  # type: ignore[misc]
    """Each instance is what one process sees of it."""

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
    for name, value in {"store": {}, "pseudo_dirs": [""], "problem": None}.items():
        monkeypatch.setattr(Cloud, name, value)
    Cloud.clear_instance_cache()
    yield
    Cloud.clear_instance_cache()


def archive_of_a_process(folder: Path) -> Archive:
    Cloud.clear_instance_cache()  # which is one process's
    return Archive(Settings.model_validate({"data_dir": folder, "archive_url": URL, "archive_keep_days": 10}))


def answer() -> Fetched:
    headers = {"content-type": "text/html"}
    return Fetched(
        url="https://news.example/a", status=200, headers=headers, body=b"<p>", fetched_at=NOW, elapsed_s=0.1
    )


def test_what_other_processes_store_and_delete_is_seen(tmp_path: Path) -> None:
    ours, theirs = archive_of_a_process(tmp_path / "ours"), archive_of_a_process(tmp_path / "theirs")
    place = theirs.write(answer())
    assert ours.segments() == []
    theirs.close()
    assert ours.segments() == [place.partition("#")[0]]
    assert [found for found, _ in ours.replay()] == [place]
    assert (theirs.tidy(NOW), ours.tidy(NOW + timedelta(days=12))) == (0, 1)
    assert (theirs.segments(), theirs.tidy(NOW + timedelta(days=12))) == ([], 0)
    with pytest.raises(Unreadable, match="any more"):
        theirs.read(place)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (NoCredentials("Unable to locate credentials"), "Unable to locate credentials"),
        (TimeoutError(), "TimeoutError"),
        (PermissionError(13, "Access Denied"), "Access Denied"),
        (RuntimeError(), "RuntimeError"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_it_refuses_is_explained_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, problem: Exception, said: str
) -> None:
    archive = archive_of_a_process(tmp_path)
    place = archive.write(answer())
    archive.close()
    here = archive.write(answer())
    monkeypatch.setattr(Cloud, "problem", problem)
    for use in (
        archive.segments,
        lambda: archive.read(place),
        lambda: list(archive.replay()),
        lambda: archive.tidy(NOW),
    ):
        with pytest.raises(Unavailable, match=f"the archive cannot be used: {said}; .* address"):
            use()
    archive.close()
    assert f"in {URL}: {said}" in caplog.text
    assert archive.read(here).url == answer().url
    monkeypatch.setattr(Cloud, "problem", None)
    archive.tidy(NOW)
    assert list((tmp_path / "archive").iterdir()) == []
    assert [found for found, _ in archive.replay()] == sorted([place, here])
