"""The contract of the catalog: sources, subscriptions, API keys, saved searches, blocklist and boilerplate counts."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.racing import together
from tests.support.stores import open_document_store
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.model.catalog import Block, HostBlocks, SavedSearch, Source, SourceKind, Subscription
from worker.model.query import Query
from worker.storage.catalog import Catalog
from worker.storage.catalog.boilerplate import (
    COLLECTED,
    COLLECTED_IN_ALL,
    FRESH_S,
    KNOWN_WELL,
    MEMORY,
    ROOM,
    SAMPLE,
    YOUNG,
    BoilerplateCounts,
    count,
)
from worker.storage.ports import KEEP, Decision, Put, StoredItem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
LEASE_S = 300.0


def open_catalog(settings: Settings) -> Catalog:
    return Catalog.on(open_document_store(settings))


@pytest.fixture
def catalog(settings: Settings) -> Catalog:
    open_document_store(settings).setup()
    return open_catalog(settings)


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


def subscription(source: str = "herald", **changes: Any) -> Subscription:
    made = Subscription(
        source=source,
        hub="https://hub.example/",
        topic=f"https://{source}.example/feed",
        callback=f"https://copydesk.example/websub/token/{source}",
        token="token",
        due_at=NOW,
    )
    return replace(made, **changes)


class TestSubscriptions:
    def test_a_source_has_one_subscription(self, catalog: Catalog) -> None:
        whole = subscription(secret="s", asked_at=NOW, expires_at=LATER, tries=2, problem="away", pushed_at=NOW)
        catalog.subscriptions.put(subscription())
        catalog.subscriptions.put(whole)
        assert catalog.subscriptions.get("herald") == whole
        assert catalog.subscriptions.of(["none", "herald"]) == {"herald": whole}
        assert not catalog.subscriptions.remove(subscription(token="of the one before"))
        assert catalog.subscriptions.remove(subscription())
        assert not catalog.subscriptions.remove(subscription())
        assert catalog.subscriptions.get("herald") is None
        assert catalog.subscriptions.change("herald", Put) is None

    def test_due_subscriptions_are_claimed_once(self, catalog: Catalog) -> None:
        catalog.subscriptions.put(subscription("later", due_at=LATER))
        catalog.subscriptions.put(subscription("never", due_at=None))
        catalog.subscriptions.put(subscription("now"))
        [claimed] = catalog.subscriptions.claim_due(NOW, 10, lambda s: NOW + timedelta(minutes=s.tries))
        assert (claimed.source, claimed.tries, claimed.asked_at) == ("now", 1, NOW)
        assert claimed.due_at == NOW + timedelta(minutes=1)
        assert catalog.subscriptions.claim_due(NOW, 10, lambda s: LATER) == []
        assert catalog.subscriptions.get("now") == claimed


class TestApiKeys:
    def test_only_the_right_secret_is_accepted(self, catalog: Catalog) -> None:
        key, presented = catalog.api_keys.create("newsroom", ["read", "add"], NOW, rate_per_minute=60)
        other, _ = catalog.api_keys.create("archive", ["read"], NOW)
        assert catalog.api_keys.check(presented, NOW) == key
        assert sorted(catalog.api_keys.all(), key=lambda k: k.name) == [other, key]
        secret = presented.rpartition("_")[2]
        wrong = [
            "", "_", "cd", "cd__", f"cd_{key.id}", f"cd_{key.id}_", f"cd_{key.id}_{secret[:-1]}", secret,
            f"cd_{other.id}_{secret}", f"xx_{key.id}_{secret}", f"cd_{key.id}_{secret.upper()}", "cd_é_é",
            "cd_\udcff_x", f"cd_{'a' * 1000}_{secret}",
        ]  # fmt: skip
        assert [catalog.api_keys.check(presented, NOW) for presented in wrong] == [None] * len(wrong)

    def test_the_secret_is_not_kept(self, catalog: Catalog, settings: Settings) -> None:
        _, presented = catalog.api_keys.create("newsroom", ["read"], NOW)
        [item] = open_document_store(settings).all("api_keys")
        assert presented.rpartition("_")[2] not in str(item)

    def test_keys_expire_and_are_revoked(self, catalog: Catalog) -> None:
        key, presented = catalog.api_keys.create("newsroom", ["read"], NOW, expires_at=LATER)
        assert catalog.api_keys.check(presented, LATER - timedelta(seconds=1)) == key
        assert catalog.api_keys.check(presented, LATER) is None
        assert (catalog.api_keys.revoke(key.id), catalog.api_keys.revoke(key.id)) == (True, False)
        assert catalog.api_keys.check(presented, NOW) is None

    @pytest.mark.parametrize(("scopes", "words"), [(["root"], "Unknown scope: root"), ([], "needs a scope")])
    def test_unknown_scopes(self, catalog: Catalog, scopes: list[str], words: str) -> None:
        with pytest.raises(BadInput, match=f"{words}.*read, add, admin"):
            catalog.api_keys.create("x", scopes, NOW)
        assert list(catalog.api_keys.all()) == []


def test_saved_searches(catalog: Catalog) -> None:
    query = Query(text='"flood" -storm', filters={"publisher": ("Herald", "Bugle")}, since=NOW, facets=("lang",))
    search = SavedSearch(
        id="s1", name="Floods", query=query, created_at=NOW, webhook="https://newsroom.example/", secret="x"
    )
    catalog.saved_searches.add(search)
    assert list(catalog.saved_searches.all()) == [search] == [catalog.saved_searches.get("s1")]
    failed = [catalog.saved_searches.failed("s1", "http-500", 2) for _ in range(2)]
    assert [(s.failures_in_row, s.paused, s.problem) for s in failed if s] == [
        (1, False, "http-500"),
        (2, True, "http-500"),
    ]
    assert catalog.saved_searches.resume("s1") == search
    catalog.saved_searches.failed("s1", "http-500", 2)
    catalog.saved_searches.sent("s1", LATER)
    assert catalog.saved_searches.get("s1") == replace(search, last_sent_at=LATER)
    assert catalog.saved_searches.change("s1", lambda s: replace(s, paused=True))
    assert (catalog.saved_searches.remove("s1"), catalog.saved_searches.get("s1")) == (True, None)
    assert catalog.saved_searches.failed("s1", "timeout", 2) is None


def test_blocklist(catalog: Catalog) -> None:
    blocks = [Block(id=f"{n}" * 32, canonical_url=f"https://x.example/{n}", at=NOW, reason="court") for n in range(3)]
    catalog.blocklist.block(blocks)
    catalog.blocklist.block(blocks[:1])
    assert catalog.blocklist.blocked([b.id for b in blocks] + ["f" * 32]) == {b.id for b in blocks}
    assert catalog.blocklist.blocked([]) == set()
    assert list(catalog.blocklist.all()) == blocks
    assert catalog.blocklist.unblock([blocks[0].id, "f" * 32]) == 1
    assert catalog.blocklist.blocked([b.id for b in blocks]) == {b.id for b in blocks[1:]}


class TestBoilerplateCounts:
    def test_pages_are_counted_by_host(self, catalog: Catalog, settings: Settings) -> None:
        pages = {"a": [frozenset({"nav", "story1"}), frozenset({"nav", "story2"})], "b": [frozenset({"nav"})], "c": []}
        catalog.boilerplate.add(pages)
        catalog.boilerplate.add({"a": [frozenset({"nav"})]})
        expected = {
            "a": HostBlocks(host="a", pages=3, seen={"nav": 3, "story1": 1, "story2": 1}),
            "b": HostBlocks(host="b", pages=1, seen={"nav": 1}),
            "c": HostBlocks(host="c"),
        }
        assert catalog.boilerplate.of(["a", "b", "c", "a"]) == expected
        assert open_catalog(settings).boilerplate.of(["c", "b", "a"]) == expected

    def test_counts_are_cached_for_a_minute(self, catalog: Catalog, settings: Settings) -> None:
        now = [1000.0]
        counts = BoilerplateCounts(open_document_store(settings), clock=lambda: now[0])
        assert counts.of(["a"])["a"].pages == 0
        catalog.boilerplate.add({"a": [frozenset({"nav"})]})
        now[0] += FRESH_S - 1
        assert counts.of(["a"])["a"].pages == 0
        now[0] += 2
        assert counts.of(["a"])["a"].pages == 1

    def test_many_hosts(self, catalog: Catalog) -> None:
        hosts = [f"https://h{n}.example" for n in range(200)]
        catalog.boilerplate.add({host: [frozenset({host})] for host in hosts})
        assert [catalog.boilerplate.of(hosts)[host].seen for host in hosts] == [{host: 1} for host in hosts]

    def test_first_pages_are_written_at_once_and_later_ones_collected(
        self, catalog: Catalog, settings: Settings
    ) -> None:
        def written() -> int:
            return open_catalog(settings).boilerplate.of(["a"])["a"].pages

        def add(pages: int) -> None:
            catalog.boilerplate.add({"a": [frozenset({"nav"})] * pages})

        add(YOUNG - 1)
        add(1)
        assert written() == YOUNG
        add(COLLECTED - 1)
        assert written() == YOUNG
        add(1)
        assert written() == YOUNG + COLLECTED
        add(KNOWN_WELL - YOUNG - COLLECTED)
        assert written() == KNOWN_WELL
        for _ in range(SAMPLE * COLLECTED - 1):
            add(1)
        assert written() == KNOWN_WELL + COLLECTED, "each fifth page counts"
        add(SAMPLE)
        assert written() == KNOWN_WELL + COLLECTED
        catalog.boilerplate.flush()
        assert written() == KNOWN_WELL + COLLECTED + 1

    def test_counts_of_rarely_seen_hosts_are_written(self, catalog: Catalog, settings: Settings) -> None:
        hosts = [f"h{n}" for n in range(COLLECTED_IN_ALL // 5)]
        page = frozenset({"nav"})
        catalog.boilerplate.add({host: [page] * YOUNG for host in hosts})
        for _ in range(5):
            catalog.boilerplate.add({host: [page] for host in hosts})
        assert {known.pages for known in open_catalog(settings).boilerplate.of(hosts).values()} == {YOUNG + 5}


class TestCount:
    def test_counts_halve_when_memory_is_full(self) -> None:
        known = count(HostBlocks(host="a"), [frozenset({"nav", f"story{n}"}) for n in range(MEMORY)])
        assert (known.pages, known.seen) == (MEMORY // 2, {"nav": MEMORY // 2})

    def test_a_redesign_is_forgotten(self) -> None:
        old = count(HostBlocks(host="a"), [frozenset({"old"})] * (MEMORY - 1))
        new = count(old, [frozenset({"new"})] * MEMORY * 4)
        assert new.seen["new"] / new.pages > 0.9
        assert new.seen.get("old", 0) / new.pages < 0.1

    def test_room_is_bounded_and_boilerplate_stays(self) -> None:
        pages = (frozenset({"nav", *(f"{n}/{k}" for k in range(100))}) for n in range(300))
        known = count(HostBlocks(host="a"), pages)
        assert len(known.seen) <= ROOM
        assert known.seen["nav"] == 300
        assert max(n for block, n in known.seen.items() if block != "nav") == 1

    def test_never_counts_more_than_there_were(self) -> None:
        pages = [frozenset({f"{n % 7}", f"{n % 3000}"}) for n in range(1500)]
        known = count(HostBlocks(host="a"), pages)
        assert max(known.seen.values()) <= known.pages


def test_fields_of_a_newer_copydesk_are_ignored(catalog: Catalog, settings: Settings) -> None:
    document_store = open_document_store(settings)
    catalog.sources.add(source())

    def extend(id: str, item: StoredItem | None) -> Decision[StoredItem]:
        return Put(replace(item, body={**item.body, "mood": "sunny"})) if item else KEEP

    document_store.change("sources", ["herald"], extend)
    assert catalog.sources.get("herald") == source()
