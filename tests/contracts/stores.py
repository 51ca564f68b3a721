"""Opens the store that settings lead to; top-level functions, so that a spawned process can call them too."""

from __future__ import annotations

from worker.settings import Settings
from worker.storing.elastic.client import connect
from worker.storing.elastic.ledger import ElasticLedger
from worker.storing.ports import Ledger
from worker.storing.sqlite.database import Database
from worker.storing.sqlite.ledger import SqliteLedger


def open_ledger(settings: Settings) -> Ledger:
    if settings.store_url.startswith("sqlite:"):
        return SqliteLedger(Database.from_url(settings.store_url))
    return ElasticLedger(connect(settings), settings)
