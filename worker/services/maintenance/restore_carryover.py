"""What a restored store takes over from the one that it replaces: who and what was shut out since the backup, and the
keys that were made since, without which the API might stand open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from worker.model.catalog import ApiKey, Block
from worker.model.reasons import Reason
from worker.services.ledger.admission import ON_DEMAND
from worker.storage.catalog import Catalog
from worker.storage.ports import Index, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """Addresses that were taken down for good, and keys that were revoked."""

    blocks: tuple[Block, ...]
    revoked: tuple[str, ...]  #: ids of keys
    keys: tuple[ApiKey, ...] = ()  #: those that open

    @classmethod
    def by(cls, catalog: Catalog) -> ShutOut:
        keys = catalog.api_keys
        return cls(blocks=tuple(catalog.blocklist.all()), revoked=tuple(keys.revoked()), keys=tuple(keys.all()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the restored store did not know, and had to let go of."""

    blocks: int
    articles: int  #: that it still held at these addresses
    keys: int  #: that it would have let in
    new_keys: int  #: that it would not have let in


def carry_over(shut_out: ShutOut, ledger: Ledger, index: Index, catalog: Catalog, now: datetime) -> Carried:
    """Block and revoke in a store that nobody else has open. Safe to repeat."""
    ids = [b.id for b in shut_out.blocks]
    known = catalog.blocklist.blocked(ids)
    new = [b for b in shut_out.blocks if b.id not in known]
    catalog.blocklist.block(new)
    catalog.revisions.forget(ids)
    articles = index.delete(ids)
    for block in new:
        ledger.tombstone([block.id], now, reason=Reason.TAKEN_DOWN, detail=block.reason or ON_DEMAND)
    return Carried(
        blocks=len(new),
        articles=articles,
        keys=catalog.api_keys.keep_revoked(shut_out.revoked),
        new_keys=catalog.api_keys.keep(shut_out.keys),
    )
