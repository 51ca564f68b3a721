"""What a restored store takes over from the store that it replaces: blocked URLs and API keys.

Otherwise, URLs that were blocked and keys that were revoked since the backup would be open again, and without the keys
that were made since, the API might accept everybody.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from worker.model.catalog import ApiKey, Block
from worker.model.reasons import Reason
from worker.services.ledger.admission import ON_DEMAND
from worker.storage.catalog import Catalog
from worker.storage.ports import Index, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """The blocked URLs and the API keys of a store."""

    blocks: tuple[Block, ...]
    revoked: tuple[str, ...]  #: ids of revoked keys
    keys: tuple[ApiKey, ...] = ()  #: valid keys

    @classmethod
    def by(cls, catalog: Catalog) -> ShutOut:
        """Return those of a catalog."""
        keys = catalog.api_keys
        return cls(blocks=tuple(catalog.blocklist.all()), revoked=tuple(keys.revoked()), keys=tuple(keys.all()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What was changed in the restored store."""

    blocks: int  #: new ones
    articles: int  #: deleted ones at blocked URLs
    keys: int  #: that it accepted although they were revoked
    new_keys: int  #: that it did not know


def carry_over(shut_out: ShutOut, ledger: Ledger, index: Index, catalog: Catalog, now: datetime) -> Carried:
    """Block URLs and revoke keys in a store that no other process has open. Safe to repeat."""
    ids = [b.id for b in shut_out.blocks]
    known = catalog.blocklist.blocked(ids)
    new = [b for b in shut_out.blocks if b.id not in known]
    catalog.blocklist.block(new)
    catalog.revisions.forget(ids)
    articles = index.delete(ids)
    by_detail: dict[str, list[str]] = defaultdict(list)
    for block in new:
        by_detail[block.reason or ON_DEMAND].append(block.id)
    for detail, blocked in by_detail.items():
        ledger.tombstone(blocked, now, reason=Reason.TAKEN_DOWN, detail=detail)
    return Carried(
        blocks=len(new),
        articles=articles,
        keys=catalog.api_keys.keep_revoked(shut_out.revoked),
        new_keys=catalog.api_keys.keep(shut_out.keys),
    )
