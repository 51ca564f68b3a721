"""copydesk backup and copydesk restore."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output.console import errors
from api.supervisor.stack import exclusive_data_folder
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.services.maintenance.restore_carryover import Carried, ShutOut, carry_over
from worker.storage.sqlite.backup import Backup, back_up
from worker.storage.sqlite.backup import restore as restore_database
from worker.storage.sqlite.database import Database
from worker.wiring import catalog_in, stores_in


def backup(file: Annotated[Path, typer.Argument(help="the new file")]) -> None:
    """Copy the embedded store (ledger, articles, catalog) while the stack runs, and check the copy."""
    copy = back_up(_database(load()), file)
    errors.print_line(f"{_describe(copy)} saved in {copy.path}")


def restore(file: Annotated[Path, typer.Argument(help="a file that `copydesk backup` wrote")]) -> None:
    """Replace the embedded store by a backup, and keep the old store beside it.

    URLs that were blocked and keys that were created or revoked after the backup keep that state. Stop `copydesk run`
    first.
    """
    settings = load()
    database, now = _database(settings), datetime.now(UTC)
    results: list[Carried] = []

    def carry_over_changes(restored: Path) -> None:
        changes = _changes_to_keep(database)
        with stores_in(restored) as stores:  # also migrates an older backup
            results.append(carry_over(changes, stores.ledger, stores.index, stores.catalog, now))

    with exclusive_data_folder(settings):
        copy, kept = restore_database(file, database, now, carry_over_changes)
    errors.print_line(f"{_describe(copy)} restored from {file}")
    for result in results:
        _print_carried(result)
    if kept:
        errors.print_line(f"The old store is kept in {kept}. Delete it when you no longer need it.")


def _changes_to_keep(database: Path) -> ShutOut:
    """Return the blocked URLs and the keys of the store to be replaced. Print a warning if it cannot be read."""
    if not database.exists():
        return ShutOut(blocks=(), revoked=())
    try:
        with catalog_in(database) as catalog:
            return ShutOut.by(catalog)
    except (BadInput, sqlite3.DatabaseError) as e:
        problem = f"Cannot read the old store ({e}). URLs blocked and keys revoked since the backup are open again."
        errors.print_line(f"{problem} Repeat `articles remove --block` and `keys revoke`.", style="bold")
        return ShutOut(blocks=(), revoked=())


def _print_carried(carried: Carried) -> None:
    if carried.blocks:
        errors.print_line(
            f"Kept from the old store: {carried.blocks} blocked URLs. Their articles ({carried.articles}) are removed."
        )
    if carried.keys:
        errors.print_line(f"Kept from the old store: {carried.keys} revoked keys.")
    if carried.new_keys:
        errors.print_line(f"Kept from the old store: {carried.new_keys} newer keys.")


def _database(settings: Settings) -> Path:
    if not settings.store_url.startswith("sqlite:///"):
        raise BadInput("The articles are in Elasticsearch. Use its snapshots for backups: see docs/operating.md.")
    return Database.from_url(settings.store_url).path


def _describe(copy: Backup) -> str:
    return f"{copy.rows} rows and {copy.articles} articles ({copy.size_bytes / 1024**2:.1f} MiB)"
