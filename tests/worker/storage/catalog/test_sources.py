"""The sources of the catalog, on SQLite and on Elasticsearch."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.racing import together
from tests.support.stores import open_document_store
from tests.worker.storage.catalog.conftest import LATER, NOW, open_catalog
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.model.catalog import Source, SourceKind
from worker.storage.catalog import Catalog
from worker.storage.ports import KEEP, Decision, Put, StoredItem

LEASE_S = 300.0


def source(name: str = "herald", **changes: Any) -> Source:
    made = Source(
        name=name,
        url=f"https://{name}.example/feed",
        kind=SourceKind.FEED,
        schedule="15m",
        created_at=NOW,
        next_due_at=NOW,
    )
    return replace(made, **changes)


def names(found: list[Source]) -> list[str]:
    return [s.name for s in found]


class TestSources:
    def test_a_source_comes_back_as_it_was_added(self, catalog: Catalog) -> None:
        whole = source(
            claim=3,
            history={"visits": 7, "etag": 'W/"1"', "failed": None, "weight": 0.5},
            learned={"/news/9": [3, 1]},
            cursor={"sitemap": "https://herald.example/2.xml", "at": 500},
        )
        catalog.sources.add(whole)
        catalog.sources.add(source("bugle", paused=True, next_due_at=None))
        assert list(catalog.sources.all()) == [source("bugle", paused=True, next_due_at=None), whole]
        assert catalog.sources.get("herald") == whole

    def test_names_are_unique_and_short(self, catalog: Catalog) -> None:
        catalog.sources.add(source())
        with pytest.raises(BadInput, match="'herald' already exists"):
            catalog.sources.add(source(url="https://other.example/"))
        assert catalog.sources.get("herald").url == "https://herald.example/feed"
        with pytest.raises(BadInput, match="Unknown source: 'gazette'"):
            catalog.sources.get("gazette")
        with pytest.raises(BadInput, match="Unknown source: 'gazette'"):
            catalog.sources.change("gazette", lambda s: s)
        with pytest.raises(BadInput, match="too long"):
            catalog.sources.add(source("é" * 300))

    def test_change_and_remove(self, catalog: Catalog) -> None:
        catalog.sources.add(source())
        assert catalog.sources.change("herald", lambda s: replace(s, schedule="1h")).schedule == "1h"
        assert catalog.sources.get("herald") == source(schedule="1h")
        assert (catalog.sources.remove("herald"), catalog.sources.remove("herald")) == (True, False)
        assert list(catalog.sources.all()) == []

    def test_due_sources_are_claimed_once(self, catalog: Catalog) -> None:
        catalog.sources.add(source("second", next_due_at=NOW - timedelta(seconds=1)))
        catalog.sources.add(source("first", next_due_at=NOW - timedelta(seconds=2)))
        catalog.sources.add(source("paused", paused=True))
        catalog.sources.add(source("later", next_due_at=LATER))
        catalog.sources.add(source("never", next_due_at=None))
        assert names(catalog.sources.claim_due(NOW, 1, LEASE_S)) == ["first"]
        assert names(catalog.sources.claim_due(NOW, 10, LEASE_S)) == ["second"]
        assert names(catalog.sources.claim_due(NOW, 10, LEASE_S)) == []

    def test_a_claim_that_is_never_recorded_expires(self, catalog: Catalog) -> None:
        catalog.sources.add(source())
        [lost] = catalog.sources.claim_due(NOW, 10, LEASE_S)
        after = NOW + timedelta(seconds=LEASE_S)
        assert catalog.sources.claim_due(after - timedelta(seconds=1), 10, LEASE_S) == []
        [held] = catalog.sources.claim_due(after, 10, LEASE_S)
        assert catalog.sources.record(lost, history={"visits": 1}, next_due_at=LATER) is None
        assert catalog.sources.get("herald") == held
        assert catalog.sources.record(held, history={"visits": 1}, next_due_at=LATER) is not None
        ended = replace(held, claim=held.claim + 1, claimed_until=None, history={"visits": 1}, next_due_at=LATER)
        assert catalog.sources.get("herald") == ended
        assert catalog.sources.record(held, history={"visits": 2}, next_due_at=NOW) is None, "a claim ends once"

    def test_a_claimed_visit_begins_only_once(self, catalog: Catalog) -> None:
        catalog.sources.add(source())
        [claimed] = catalog.sources.claim_due(NOW, 10, LEASE_S)
        begun = catalog.sources.begin("herald", claimed.claim, LATER, LEASE_S)
        assert begun and begun.next_due_at == LATER + timedelta(seconds=LEASE_S)
        assert catalog.sources.begin("herald", claimed.claim, LATER, LEASE_S) is None
        assert catalog.sources.record(begun, history={"visits": 1}, next_due_at=LATER)
        assert catalog.sources.begin("herald", claimed.claim, LATER, LEASE_S) is None
        assert catalog.sources.begin("none", 1, LATER, LEASE_S) is None

    def test_a_source_hurried_during_a_visit_is_due_afterwards(self, catalog: Catalog) -> None:
        soon, later = NOW + timedelta(seconds=30), LATER + timedelta(days=9)
        catalog.sources.add(source(next_due_at=later))
        catalog.sources.hurry("herald", NOW, soon)
        assert catalog.sources.get("herald").next_due_at == soon
        [claimed] = catalog.sources.claim_due(soon, 1, LEASE_S)
        catalog.sources.hurry("herald", soon, soon)
        assert catalog.sources.claim_due(soon, 1, LEASE_S) == []
        assert catalog.sources.record(claimed, history={}, next_due_at=later, hurried_at=LATER)
        assert catalog.sources.get("herald").next_due_at == LATER
        [claimed] = catalog.sources.claim_due(LATER, 1, LEASE_S)
        assert catalog.sources.record(claimed, history={}, next_due_at=later, hurried_at=LATER)
        assert catalog.sources.get("herald").next_due_at == later, "it has not been hurried since"

    def test_a_source_is_claimed_by_name(self, catalog: Catalog) -> None:
        catalog.sources.add(source(paused=True, next_due_at=LATER))
        assert catalog.sources.claim("herald", NOW, LEASE_S) is None
        forced = catalog.sources.claim("herald", NOW, LEASE_S, force=True)
        assert forced and forced.claim == 1
        assert catalog.sources.claim("none", NOW, LEASE_S, force=True) is None

    def test_recorded_values_replace_the_old_ones_unless_none(self, catalog: Catalog) -> None:
        catalog.sources.add(source(learned={"a": 1}, cursor={"at": 1}))
        [claimed] = catalog.sources.claim_due(NOW, 1, LEASE_S)
        catalog.sources.record(claimed, history={"visits": 1}, next_due_at=LATER, cursor={})
        then = catalog.sources.get("herald")
        assert (then.history, then.learned, then.cursor, then.next_due_at) == ({"visits": 1}, {"a": 1}, {}, LATER)
        [claimed] = catalog.sources.claim_due(LATER, 1, LEASE_S)
        catalog.sources.record(claimed, history={"visits": 2}, next_due_at=None, learned={"b": 2})
        then = catalog.sources.get("herald")
        assert (then.history, then.learned, then.cursor, then.next_due_at) == ({"visits": 2}, {"b": 2}, {}, None)
        assert catalog.sources.claim_due(LATER + timedelta(days=9), 1, LEASE_S) == []

    def test_a_source_paused_while_it_is_crawled_stays_paused(self, catalog: Catalog) -> None:
        catalog.sources.add(source())
        [claimed] = catalog.sources.claim_due(NOW, 1, LEASE_S)
        catalog.sources.change("herald", lambda s: replace(s, paused=True))
        assert catalog.sources.record(claimed, history={}, next_due_at=NOW)
        assert catalog.sources.get("herald").paused
        assert catalog.sources.claim_due(LATER, 1, LEASE_S) == []


def _claim(settings: Settings) -> list[str]:
    sources = open_catalog(settings).sources
    return [s.name for _ in range(10) for s in sources.claim_due(NOW, 5, LEASE_S)]


def test_one_of_many_schedulers_claims_each_source(catalog: Catalog, settings: Settings, executor: Executor) -> None:
    for n in range(20):
        catalog.sources.add(source(f"s{n:02}"))
    claimed = [name for each in together(executor, _claim, settings) for name in each]
    assert sorted(claimed) == [f"s{n:02}" for n in range(20)]


def test_fields_of_a_newer_copydesk_are_ignored(catalog: Catalog, settings: Settings) -> None:
    document_store = open_document_store(settings)
    catalog.sources.add(source())

    def extend(id: str, item: StoredItem | None) -> Decision[StoredItem]:
        return Put(replace(item, body={**item.body, "mood": "sunny"})) if item else KEEP

    document_store.change("sources", ["herald"], extend)
    assert catalog.sources.get("herald") == source()
