"""The boilerplate counts of the catalog, on SQLite and on Elasticsearch."""

from __future__ import annotations

from tests.support.stores import open_document_store
from tests.worker.storage.catalog.conftest import open_catalog
from worker.config.settings import Settings
from worker.model.catalog import HostBlocks
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
