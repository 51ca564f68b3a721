"""Data that a restored store takes over from the store that it replaces: blocked URLs and API keys.

Otherwise, URLs blocked since the backup could be crawled again, and keys revoked since would be valid again. If the
backup has no keys, the API would accept every client.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from worker.model.catalog import ApiKey, Block
from worker.model.reasons import Reason
from worker.services.ledger.lifecycle import ON_DEMAND
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
        """Return the blocked URLs and keys of a catalog."""
        keys = catalog.api_keys
        return cls(blocks=tuple(catalog.blocklist.all()), revoked=tuple(keys.revoked()), keys=tuple(keys.all()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The numbers of changes in the restored store."""

    blocks: int  #: URLs that were blocked
    articles: int  #: articles at blocked URLs that were deleted
    keys: int  #: keys that were revoked
    new_keys: int  #: valid keys that were added


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
