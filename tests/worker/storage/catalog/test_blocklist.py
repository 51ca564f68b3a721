"""The blocklist of the catalog, on SQLite and on Elasticsearch."""

from __future__ import annotations

from tests.worker.storage.catalog.conftest import NOW
from worker.model.catalog import Block
from worker.storage.catalog import Catalog


def test_blocklist(catalog: Catalog) -> None:
    blocks = [Block(id=f"{n}" * 32, canonical_url=f"https://x.example/{n}", at=NOW, reason="court") for n in range(3)]
    catalog.blocklist.block(blocks)
    catalog.blocklist.block(blocks[:1])
    assert catalog.blocklist.blocked([b.id for b in blocks] + ["f" * 32]) == {b.id for b in blocks}
    assert catalog.blocklist.blocked([]) == set()
    assert list(catalog.blocklist.all()) == blocks
    assert catalog.blocklist.unblock([blocks[0].id, "f" * 32]) == 1
    assert catalog.blocklist.blocked([b.id for b in blocks]) == {b.id for b in blocks[1:]}
