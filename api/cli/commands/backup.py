"""copydesk backup and copydesk restore"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output.console import errors
from api.supervisor.stack import sole_owner
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.services.maintenance.restore_carryover import Carried, ShutOut, carry_over
from worker.storage.sqlite.backup import Copy, back_up
from worker.storage.sqlite.backup import restore as put_back
from worker.storage.sqlite.database import Database
from worker.wiring import catalog_in, stores_in

ELASTIC = "the articles are in Elasticsearch, which makes snapshots itself: see docs/operating.md"
AGAIN = (
    "What it blocked and revoked since the backup is open again: repeat `articles remove --block` and `keys revoke`."
)


def backup(file: Annotated[Path, typer.Argument(help="a new file")]) -> None:
    """Copy the embedded store, ledger and articles and catalog, while everything runs; the copy is checked."""
    copy = back_up(_database(load()), file)
    errors.print(f"{_describe(copy)} saved in {copy.path}", markup=False, soft_wrap=True)


def restore(file: Annotated[Path, typer.Argument(help="what `copydesk backup` wrote")]) -> None:
    """Put a backup in the place of the embedded store, which is kept beside it. What it blocked and revoked stays so.
    Not while `copydesk run` goes on."""
    settings = load()
    database, now = _database(settings), datetime.now(UTC)
    carried: list[Carried] = []

    def amend(part: Path) -> None:
        shut_out = _shut_out(database)
        with stores_in(part) as stores:  # which brings an older backup up to date
            carried.append(carry_over(shut_out, stores.ledger, stores.index, stores.catalog, now))

    with sole_owner(settings):
        copy, kept = put_back(file, database, now, amend)
    errors.print(f"{_describe(copy)} restored from {file}", markup=False, soft_wrap=True)
    for one in carried:
        _report(one)
    if kept:
        errors.print(f"What was there is kept in {kept}; delete it when all is well.", markup=False, soft_wrap=True)


def _shut_out(database: Path) -> ShutOut:
    """By the store that is replaced. One that cannot be read ends nothing, but has to be told."""
    if not database.exists():
        return ShutOut(blocks=(), revoked=())
    try:
        with catalog_in(database) as catalog:
            return ShutOut.by(catalog)
    except (BadInput, sqlite3.DatabaseError) as e:
        errors.print(
            f"The store that was there cannot be read ({e}). {AGAIN}", style="bold", markup=False, soft_wrap=True
        )
        return ShutOut(blocks=(), revoked=())


def _report(carried: Carried) -> None:
    if carried.blocks:
        went = f"{carried.blocks} blocked addresses (their articles, {carried.articles}, are taken down again)"
        errors.print(f"Carried over from what was there: {went}", markup=False, soft_wrap=True)
    if carried.keys:
        errors.print(f"Carried over from what was there: revoked keys, {carried.keys}", markup=False, soft_wrap=True)
    if carried.new_keys:
        errors.print(f"Carried over from what was there: newer keys, {carried.new_keys}", markup=False, soft_wrap=True)


def _database(settings: Settings) -> Path:
    if not settings.store_url.startswith("sqlite:///"):
        raise BadInput(ELASTIC)
    return Database.from_url(settings.store_url).path


def _describe(copy: Copy) -> str:
    return f"{copy.rows} rows and {copy.articles} articles ({copy.size_bytes / 1024**2:.1f} MiB)"
