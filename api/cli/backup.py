"""copydesk backup and copydesk restore"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import errors
from api.running.stack import sole_owner
from worker.errors import BadInput
from worker.settings import Settings, load
from worker.storing.sqlite.backup import Copy, back_up
from worker.storing.sqlite.backup import restore as put_back
from worker.storing.sqlite.database import Database
from worker.wiring import open_stores

ELASTIC = "the articles are in Elasticsearch, which makes snapshots itself: see docs/operating.md"


def backup(file: Annotated[Path, typer.Argument(help="a new file")]) -> None:
    """Copy the embedded store, ledger and articles and catalog, while everything runs; the copy is checked."""
    copy = back_up(_database(load()), file)
    errors.print(f"{_describe(copy)} saved in {copy.path}", markup=False, soft_wrap=True)


def restore(file: Annotated[Path, typer.Argument(help="what `copydesk backup` wrote")]) -> None:
    """Put a backup in the place of the embedded store, which is kept beside it. Not while `copydesk run` goes on."""
    settings = load()
    database = _database(settings)
    with sole_owner(settings):
        copy, kept = put_back(file, database, datetime.now(UTC))
        open_stores(settings)  # brings an older backup up to date
    errors.print(f"{_describe(copy)} restored from {file}", markup=False, soft_wrap=True)
    if kept:
        errors.print(f"What was there is kept in {kept}; delete it when all is well.", markup=False, soft_wrap=True)


def _database(settings: Settings) -> Path:
    if not settings.store_url.startswith("sqlite:///"):
        raise BadInput(ELASTIC)
    return Database.from_url(settings.store_url).path


def _describe(copy: Copy) -> str:
    return f"{copy.rows} rows and {copy.articles} articles ({copy.size_bytes / 1024**2:.1f} MiB)"
