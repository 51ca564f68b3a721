"""A ledger of Copydesk 0.1, whose finished rows had another name, is brought up to date without loss."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.config.settings import Settings
from worker.model.records import CrawlResult, Outcome, State, Target
from worker.storage.elasticsearch.client import connect
from worker.storage.elasticsearch.ledger import ElasticLedger
from worker.storage.elasticsearch.managed_index import ManagedIndex

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT = "2026-03-01T00:00:00.000000+00:00"
OLD = {
    "url": "u", "canonical_url": "u", "host": "h", "source": "s", "crawl": 1, "attempts": 0, "hops": 0,
    "queued_at": AT, "settled_at": AT, "first_seen_at": AT, "changed_at": AT,
}  # fmt: skip


def test_rows_of_the_first_version_are_renamed(elastic_settings: Settings) -> None:
    with connect(elastic_settings) as client:
        name = f"{elastic_settings.index_prefix}-ledger"
        mappings = ManagedIndex(client, elastic_settings, "ledger")._definition["mappings"]
        properties = {"settled_at" if n == "finished_at" else n: p for n, p in mappings["properties"].items()}
        client.indices.create(
            index=f"{name}-v1",
            aliases={name: {"is_write_index": True}},
            mappings={**mappings, "_meta": {"version": 1}, "properties": properties},
        )
        client.index(index=name, id="a", document={**OLD, "id": "a", "state": "settled", "outcome": "failed"})
        client.index(index=name, id="b", document={**OLD, "id": "b", "state": "queued"}, refresh=True)
        ledger = ElasticLedger(client, elastic_settings)
        early = ledger.get(["a"])[0]
        assert early and early.state is State.FINISHED, "before the setup, too"

        ledger.setup()
        ledger.refresh()
        assert ledger.counts() == {"queued": 1, "finished": 1, "failed": 1}
        assert [row and row.finished_at for row in ledger.get(["a", "b"])] == [NOW, NOW]
        assert [row.id for row in ledger.rows(state=State.FINISHED)] == ["a"]

        target = Target(id="c", url="u", canonical_url="u", host="h", source="s")
        ledger.admit([target], NOW)
        assert ledger.finish([CrawlResult(id="c", crawl=1, outcome=Outcome.INDEXED, finished_at=NOW)]) == [True]
        ledger.setup()
