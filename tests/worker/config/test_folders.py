"""What is written to the data folder is its owner's alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli.commands.archive import _ImportProgress
from api.supervisor.stack import exclusive_data_folder
from worker.archive.store import Archive
from worker.config.settings import Settings
from worker.discovery.sitemap_tree import SitemapWalk
from worker.model.records import Fetched
from worker.services.sources.backfill import _Place
from worker.storage.sqlite.backup import back_up
from worker.wiring import open_stores

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """A process that would let everybody read what it writes."""
    former = os.umask(0)
    yield
    os.umask(former)


def test_what_we_write_is_our_own(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "some" / "where")
    archive = Archive(settings)
    archive.write(Fetched(url="https://a.example/", status=200, headers={}, body=b"x", fetched_at=NOW, elapsed_s=0.1))
    stores = open_stores(settings)
    stores.catalog.api_keys.create("desk", ["read"], NOW)
    _Place(settings.data_dir / "walks" / "a.json").write(SitemapWalk.begin(["https://a.example/map.xml"]))
    _ImportProgress(settings.data_dir / "imports.json", Path(__file__)).save(1)
    back_up(settings.data_dir / "copydesk.db", tmp_path / "copy.db")
    with exclusive_data_folder(settings):
        found = {p.relative_to(tmp_path): p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    archive.close()
    assert {p.name for p in found} >= {"copydesk.db", "copydesk.db-wal", "copydesk.db-shm", "run.lock", "a.json"}
    assert {str(p) for p, mode in found.items() if mode & 0o077} == set()


def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o750)
    open_stores(Settings(data_dir=tmp_path / "shared"))
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o750
