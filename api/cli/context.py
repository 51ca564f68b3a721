"""The application context that a command works with."""

from __future__ import annotations

from pathlib import Path

from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput, NotSetUp
from worker.services.context import AppContext
from worker.storage.sqlite.database import Database
from worker.wiring import connect


def open_context(*, create: bool = False) -> AppContext:
    """Connect to the stores that the settings name.

    Only commands that write data `create` missing stores. Without it a missing store raises `NotSetUp`, so that a query
    in the wrong folder leaves no files behind.
    """
    settings = load()
    if create:
        _check_folder(settings)
    else:
        check_store(settings)
    return connect(settings, create=create)


def check_store(settings: Settings) -> None:
    """Raise `NotSetUp` if the settings name a SQLite file that does not exist."""
    path = _check_folder(settings)
    if path and not path.exists():
        raise NotSetUp(f"The store {path} does not exist yet. Create it with `copydesk run`, or set COPYDESK_DATA_DIR.")


def _check_folder(settings: Settings) -> Path | None:
    """Return the path of the SQLite store, None for another store. Raise `BadInput` if its folder is a file."""
    if not settings.store_url.startswith("sqlite:///"):
        return None
    path = Database.from_url(settings.store_url).path
    for folder in path.parents:
        if folder.exists() and not folder.is_dir():
            raise BadInput(f"{folder} is a file, not a folder. Set COPYDESK_DATA_DIR to a folder.")
    return path
