"""The desk that a command works at."""

from __future__ import annotations

from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.services.context import AppContext
from worker.storage.sqlite.database import Database
from worker.wiring import connect


def open_context(*, begin: bool = False) -> AppContext:
    """Connected by the user's settings. A store that does not answer is one clear line. `BadInput` where there is no
    store yet, unless the command is one to `begin` with: a question in the wrong folder leaves nothing behind."""
    settings = load()
    if not begin:
        check_store(settings)
    return connect(settings)


def check_store(settings: Settings) -> None:
    """`BadInput` where the embedded store is to be used and is not there."""
    if not settings.store_url.startswith("sqlite:///"):
        return
    path = Database.from_url(settings.store_url).path
    if not path.exists():
        raise BadInput(f"there is no store at {path} yet; start one with copydesk run, or set COPYDESK_DATA_DIR")
