"""Tests that only the owner can read what is written to the data folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli.commands.archive import _ImportProgress
from api.supervisor.stack import exclusive_data_folder
from worker.archive.store import Archive
from worker.config.folders import make_data_folder
from worker.config.settings import Settings
from worker.discovery.sitemap_tree import SitemapWalk
from worker.errors import BadInput
from worker.model.records import Fetched
from worker.services.sources.backfill import _Position
from worker.storage.sqlite.backup import back_up
from worker.wiring import set_up_stores

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def permissive_umask() -> Iterator[None]:
    """Set a umask that lets all users read new files."""
    former = os.umask(0)
    yield
    os.umask(former)


def test_new_files_are_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "some" / "where")
    archive = Archive(settings)
    archive.write(Fetched(url="https://a.example/", status=200, headers={}, body=b"x", fetched_at=NOW, elapsed_s=0.1))
    stores = set_up_stores(settings)
    stores.catalog.api_keys.create("reader", ["read"], NOW)
    _Position(settings.data_dir / "walks" / "a.json").write(SitemapWalk.begin(["https://a.example/map.xml"]))
    _ImportProgress(settings.data_dir / "imports.json", Path(__file__)).save(1)
    back_up(settings.data_dir / "copydesk.db", tmp_path / "copy.db")
    with exclusive_data_folder(settings):
        found = {p.relative_to(tmp_path): p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    archive.close()
    assert {p.name for p in found} >= {"copydesk.db", "copydesk.db-wal", "copydesk.db-shm", "run.lock", "a.json"}
    assert {str(p) for p, mode in found.items() if mode & 0o077} == set()


def test_existing_folder_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o750)
    set_up_stores(Settings(data_dir=tmp_path / "shared"))
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o750


def test_make_data_folder_creates_missing_folders(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert make_data_folder(folder) == folder
    assert make_data_folder(folder).is_dir()


@pytest.mark.parametrize("path", ["file", "file/data", "/proc/copydesk", "nul\0"])
def test_make_data_folder_rejects_unusable_path(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="COPYDESK_DATA_DIR: cannot use the folder"):
        make_data_folder(tmp_path / path)


def test_make_data_folder_rejects_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    with pytest.raises(BadInput, match="no right to write there"):
        make_data_folder(tmp_path)
