"""The contract of `ports.Index` for writes, deletions and rebuilds, on SQLite and on Elasticsearch."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.pages.corpus import CORPUS, document, picture
from tests.support.stores import open_index
from worker.config.settings import Settings
from worker.model.query import Query
from worker.model.records import Document, Image, Kind, Provenance
from worker.search.service import SearchService
from worker.storage.ports import Index, WriteResult


@pytest.fixture(params=["sqlite", "elastic"])
def settings(request: pytest.FixtureRequest) -> Settings:
    found: Settings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture
def index(settings: Settings) -> Index:
    index = open_index(settings)
    index.setup()
    return index


def statuses(written: list[WriteResult]) -> list[str]:
    return [w.status for w in written]


def searched(index: Index, text: str, **query: Any) -> list[str]:
    index.refresh()
    return [hit.id for hit in SearchService(index).find(Query(text=text, **query)).hits]


class TestWrite:
    def test_index_answers_in_order(self, index: Index) -> None:
        written = index.write([document("b", "Two"), document("a", "One"), document("c", "Three")])
        assert written == [WriteResult(id=id, status="written") for id in "bac"]
        assert index.write([]) == []

    def test_index_keeps_long_html_and_does_not_search_it(self, index: Index) -> None:
        html = "<p>harbourside " + "é" * 100_000 + "</p>"  # longer than a term may be
        assert statuses(index.write([document("a", "One", article_html=html)])) == ["written"]
        (found,) = index.get(["a"])
        assert found and found.article.article_html == html
        assert searched(index, "harbourside") == []

    def test_index_keeps_every_field(self, index: Index) -> None:
        full = document(
            "full",
            "Headline \x00 with \u200b odd \U0001f600 characters",
            "One.\nTwo.\n" + "ç" * 1000,
            description="d",
            author=("A", "B"),
            agency="AP",
            article_section="S",
            keywords=("k", "l"),
            language="nn",
            date_modified=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
            date_precision="day",
            dateline="SEOUL",
            publisher="P",
            canonical_url="https://other.example/x",
            kind=Kind.LIVE,
            day="2026-01-01T00:00:00.123456",
            images=(
                replace(picture("Cap", "Ann", "AP"), alt="alt", is_lead=True),
                Image(),
                Image(url="https://img.example/ü", creator=("X", "Y")),
            ),
            provenance={"headline": Provenance(source="json-ld", rule="headline", rivals=(("dom h1", "x"),))},
        )
        bare = document("bare", day=None)
        index.write([full, bare])
        assert index.get(["bare", "full"]) == [bare, full]

    def test_index_accepts_a_later_version_and_no_earlier_one(self, index: Index) -> None:
        old, new = document("a", "Old", version=1), document("a", "New", version=2)
        assert statuses(index.write([new])) == ["written"]
        assert statuses(index.write([old])) == ["stale"]
        assert statuses(index.write([replace(new, url="https://other.example/")])) == ["stale"]
        assert index.get(["a"]) == [new]
        assert statuses(index.write([document("a", "Newest", version=3)])) == ["written"]
        assert searched(index, "newest") == ["a"]
        assert searched(index, "new OR old") == []
        assert index.count() == 1

    def test_index_accepts_several_versions_of_one_document_in_one_call(self, index: Index) -> None:
        written = index.write([document("a", version=n) for n in (1, 3, 2)])
        assert statuses(written) == ["written", "written", "stale"]
        assert [d.version if d else None for d in index.get(["a"])] == [document("a", version=3).version]

    def test_index_refuses_one_document_and_writes_the_others(self, index: Index) -> None:
        documents = [
            document("a"),
            document(""),
            document("x" * 513),
            replace(document("n"), version=-1),
            document("b"),
        ]
        written = index.write(documents)
        assert statuses(written) == ["written", "refused", "refused", "refused", "written"]
        assert [bool(w.reason) for w in written] == [False, True, True, True, False]
        index.refresh()
        assert list(index.ids()) == ["a", "b"]

    def test_index_leaves_long_values_out_of_facets_only(self, index: Index) -> None:
        long = "Overlong " * 8000
        wide = document(
            "wide", "Wide", author=(long, "Short"), dateline=long, canonical_url="https://x.example/" + long
        )
        assert statuses(index.write([wide])) == ["written"]
        assert index.get(["wide"]) == [wide]
        assert searched(index, "author:overlong") == ["wide"]
        facets = SearchService(index).find(Query(facets=("author", "dateline"))).facets
        assert [b.value for b in facets["author"]] == ["Short"]
        assert facets["dateline"] == ()

    def test_index_accepts_very_long_texts(self, index: Index) -> None:
        words = random.Random(1).choices([f"word{n}" for n in range(5000)], k=300_000)
        long = document("long", "Long", " ".join([*words, "needle"]), language="en")
        assert statuses(index.write([long])) == ["written"]
        assert searched(index, "needle") == ["long"]
        assert index.get(["long"]) == [long]

    def test_index_replaces_characters_that_no_store_accepts(self, index: Index) -> None:
        assert statuses(index.write([document("a", "Half \ud83d a pair", author=("\udfff",))])) == ["written"]
        [kept] = index.get(["a"])
        assert kept
        assert kept.article.headline == "Half ? a pair"

    def test_index_is_written_by_many_at_once(self, index: Index) -> None:
        """The highest version of each document stays, in any order of the writes."""
        writes = [document(f"d{n}", f"V{v}", version=v) for n in range(20) for v in range(1, 6)]
        random.Random(2).shuffle(writes)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(index.write, [writes[i : i + 10] for i in range(0, 100, 10)]))
        assert {w.status for answer in answers for w in answer} <= {"written", "stale"}
        index.refresh()
        assert index.count() == 20
        assert {d.article.headline if d else None for d in index.get([f"d{n}" for n in range(20)])} == {"V5"}


class TestRead:
    def test_index_gets_by_id_in_order_at_once(self, index: Index) -> None:
        index.write([document("a"), document("b")])
        assert index.get(["b", "nobody", "a", "b"]) == [document("b"), None, document("a"), document("b")]
        assert index.get([]) == []

    def test_index_lists_sorted_ids_and_counts(self, index: Index) -> None:
        assert (index.count(), list(index.ids())) == (0, [])
        index.write(CORPUS)
        index.refresh()
        assert list(index.ids()) == sorted(d.id for d in CORPUS)
        assert index.count() == len(CORPUS)

    def test_index_search_of_an_empty_index(self, index: Index) -> None:
        results = SearchService(index).find(Query(text="flod", facets=("lang",), histogram="auto"))
        assert (results.total, results.hits, results.facets) == (0, (), {"lang": ()})
        assert SearchService(index).similar("a", 5).total == 0
        assert list(SearchService(index).export(Query())) == []

    def test_index_describes_itself(self, index: Index) -> None:
        index.write([document("a")])
        index.refresh()
        assert "1 articles" in index.check()
        [generation] = index.generations()
        assert (generation.documents, generation.is_current, generation.note) == (1, True, "")
        assert generation.size_bytes > 0


class TestDelete:
    def test_index_deletes_a_document_from_searches_and_facets(self, index: Index) -> None:
        index.write([document("a", "Flood"), document("b", "Flood", author=("Ann",))])
        assert index.delete(["b", "nobody", "b"]) == 1
        assert index.delete([]) == 0
        assert index.get(["a", "b"]) == [document("a", "Flood"), None]
        assert searched(index, "flood") == ["a"]
        assert SearchService(index).find(Query(facets=("author",))).facets == {"author": ()}

    def test_index_accepts_a_later_version_after_a_deletion(self, index: Index) -> None:
        index.write([document("a", version=1)])
        index.delete(["a"])
        assert statuses(index.write([document("a", "Again", version=2)])) == ["written"]
        assert searched(index, "again") == ["a"]


class TestSetup:
    def test_index_setup_again_keeps_everything(self, index: Index, settings: Settings) -> None:
        index.write([document("a")])
        other = open_index(settings)
        other.setup()
        index.setup()
        index.refresh()
        assert other.count() == 1

    def test_index_setup_by_many_at_once(self, settings: Settings) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: open_index(settings).setup(), range(4)))
        assert len(open_index(settings).generations()) == 1


def story(n: int) -> Document:
    return document(f"s{n:04}", f"Storm number {n}", "storm " * (n % 7) + "rain", day=f"2026-02-{n % 27 + 1:02}T08:00")


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
@pytest.mark.parametrize("text", ["storm", "rain storm", ""])
def test_search_pages_survive_new_writes(index: Index, sort: str, text: str) -> None:
    """Paging while others write returns each document that existed at the beginning once."""
    index.write([story(n) for n in range(60)])
    index.refresh()
    seen: list[str] = []
    cursor, newcomers = None, iter(range(1000, 2000))
    while True:
        results = SearchService(index).find(Query(text=text, sort=sort, size=7, cursor=cursor))
        seen += [hit.id for hit in results.hits]
        cursor = results.next_cursor
        if cursor is None:
            break
        index.write([story(next(newcomers)) for _ in range(5)])
        index.refresh()
    assert len(seen) == len(set(seen))
    assert {f"s{n:04}" for n in range(60)} <= set(seen)


def test_search_pages_survive_deletions(index: Index) -> None:
    index.write([story(n) for n in range(30)])
    index.refresh()
    first = SearchService(index).find(Query(text="storm", size=10))
    index.delete([hit.id for hit in first.hits])
    index.refresh()
    second = SearchService(index).find(Query(text="storm", size=100, cursor=first.next_cursor))
    assert not {hit.id for hit in first.hits} & {hit.id for hit in second.hits}
    assert len(second.hits) == 20


class Writers:
    """Threads that write, overwrite and delete until `stop`, and record the documents that must exist."""

    def __init__(self, index: Index, count: int) -> None:
        self.expected: dict[str, int] = {}
        self.writes = 0
        self._index = index
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(count)
        self._futures = [self._pool.submit(self._run, n) for n in range(count)]

    def _run(self, seed: int) -> None:
        choose = random.Random(seed)
        mine: dict[str, int] = {}
        round = 0
        while not self._stop.is_set():
            round += 1
            documents = [self._next(seed, choose, mine) for _ in range(5)]
            documents = list({d.id: d for d in documents}.values())
            self._write(documents)
            mine |= {d.id: d.version for d in documents}
            if round % 3 == 0:
                gone = choose.choice(sorted(mine))
                assert self._index.delete([gone]) == 1
                del mine[gone]
            self.writes += len(documents)
        self.expected |= mine

    def _write(self, documents: list[Document]) -> None:
        """Elasticsearch remembers the version of a deleted document for about 200 ms, then accepts a lower one."""
        for _ in range(20):
            written = self._index.write(documents)
            assert {w.status for w in written} <= {"written", "stale"}
            documents = [d for d, w in zip(documents, written, strict=True) if w.status == "stale"]
            if not documents:
                return
            time.sleep(0.1)
        raise AssertionError(f"{documents} is not taken")

    def _next(self, seed: int, choose: random.Random, mine: dict[str, int]) -> Document:
        """Return a new document, or a later version of a document of this thread."""
        n = choose.randrange(300)
        version = choose.randrange(10) + 1 + (mine.get(f"w{seed}-{n}", 0) >> 20)
        return document(f"w{seed}-{n}", f"Writer {seed}", f"version{version}", version=version, language="en")

    def finish(self) -> None:
        self._stop.set()
        for future in self._futures:
            future.result(60)
        self._pool.shutdown()


@pytest.fixture
def quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    yield
    sys.setswitchinterval(before)


@pytest.mark.slow
@pytest.mark.usefixtures("quick_switches")
def test_index_rebuild_with_writes_in_flight(index: Index) -> None:
    """No write is lost, no old version or deleted document returns, and searches work throughout."""
    before = [document(f"old{n:04}", f"Old {n}", "steady words", language="en") for n in range(1200)]
    index.write(before)
    index.refresh()
    writers = Writers(index, 3)
    progress: list[tuple[int, int]] = []
    failures: list[str] = []

    def watch(done: int, total: int) -> None:
        progress.append((done, total))
        if SearchService(index).find(Query(text="steady", size=0)).total != len(before):
            failures.append(f"at {done} of {total}")

    try:
        rebuilt = index.rebuild(watch)
        at_swap = writers.writes
    finally:
        writers.finish()
    index.refresh()
    expected = {d.id: d.version for d in before} | writers.expected
    assert not failures
    assert at_swap > 0
    assert list(index.ids()) == sorted(expected)
    assert {d.id: d.version for d in index.get(list(expected)) if d} == expected
    assert progress[-1][0] <= progress[-1][1]
    assert rebuilt.documents > 0
    assert rebuilt.paused_s < 10
    for id, version in list(writers.expected.items())[:20]:  # searches find the words of the stored version
        [hit] = [h for h in SearchService(index).export(Query(text=f"version{version >> 20}")) if h["id"] == id]
        assert hit["version"] == version


def test_index_rebuild_keeps_the_old_generation_until_it_is_dropped(index: Index, settings: Settings) -> None:
    index.write(CORPUS)
    index.refresh()
    rebuilt = index.rebuild(lambda done, total: None)
    assert rebuilt.documents == len(CORPUS)
    other = open_index(settings)
    other.setup()
    names = [g.name for g in other.generations()]
    assert [g.is_current for g in other.generations()][-1]
    assert other.drop() == names[:-1]
    assert [g.name for g in index.generations()] == names[-1:]
    assert index.drop() == []
    assert index.get([d.id for d in CORPUS]) == list(CORPUS)
    assert searched(index, "haus") == ["de-hochwasser"]
    assert statuses(index.write([document("late")])) == ["written"]


def test_index_delete_reaches_the_generation_that_a_rebuild_has_kept(index: Index) -> None:
    index.write(CORPUS)
    index.refresh()
    index.rebuild(lambda done, total: None)
    assert index.delete([CORPUS[0].id, CORPUS[1].id]) == 2
    index.refresh()
    before = index.generations()
    assert {g.documents for g in before} == {len(CORPUS) - 2}
    assert index.delete([]) == index.delete([CORPUS[0].id, "never there"]) == 0
    assert [(g.name, g.is_current, g.note) for g in index.generations()] == [
        (g.name, g.is_current, g.note) for g in before
    ]
    assert index.drop() == [g.name for g in before if not g.is_current]


def test_index_concurrent_deletes_reach_the_generation_that_a_rebuild_has_kept(index: Index) -> None:
    """A kept generation is blocked. Each deletion unblocks it; none blocks it for another for good."""
    index.write([document(f"d{n}") for n in range(40)])
    index.refresh()
    index.rebuild(lambda done, total: None)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: index.delete([f"d{n}"]), range(40))) == [1] * 40
    index.refresh()
    assert {g.documents for g in index.generations()} == {0}


def test_index_rebuild_that_fails_changes_nothing(index: Index) -> None:
    index.write(CORPUS)
    index.refresh()

    def fail(done: int, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        index.rebuild(fail)
    assert len(index.generations()) == 1
    assert statuses(index.write([document("late")])) == ["written"]
    assert searched(index, "haus") == ["de-hochwasser"]


def renewed(documents: Sequence[Document]) -> list[Document]:
    """Return documents as a reader of the next revision would read them."""
    return [_renewed(d) if d.version % 2**20 == 1 else d for d in documents]


def _renewed(document: Document) -> Document:
    body = f"{document.article.article_body} renewed"
    return replace(document, version=document.version + 1, article=replace(document.article, article_body=body))


@pytest.mark.slow
@pytest.mark.usefixtures("quick_switches")
def test_index_rebuild_renews_with_writes_in_flight(index: Index) -> None:
    """Every document is its last write, renewed or newer. None is lost, and no deleted one returns."""
    before = [document(f"old{n:04}", f"Old {n}", "version1", language="en") for n in range(600)]
    index.write(before)
    index.refresh()
    writers = Writers(index, 3)
    try:
        rebuilt = index.rebuild(lambda done, total: None, renewed)
        at_swap = writers.writes
    finally:
        writers.finish()
    index.refresh()
    expected = {d.id: d.version for d in before} | writers.expected
    found = {d.id: d for d in index.get(list(expected)) if d}
    assert at_swap > 0
    assert rebuilt.documents >= len(before)
    assert list(index.ids()) == sorted(expected) == sorted(found)
    for id, d in found.items():
        crawl, revision = d.version >> 20, d.version % 2**20
        assert crawl == expected[id] >> 20, id
        assert d.article.article_body == f"version{crawl}" + " renewed" * (revision - 1)
    assert all(found[d.id].version == d.version + 1 for d in before)
    assert SearchService(index).find(Query(text="renewed", size=0)).total == sum(
        d.version % 2**20 == 2 for d in found.values()
    )


def test_index_rebuild_accepts_an_equal_version_and_keeps_unchanged_documents(index: Index) -> None:
    index.write([document("a", "Old"), document("b", "Old")])
    index.refresh()

    def renew(documents: Sequence[Document]) -> list[Document]:
        return [document("a", "Renewed") if d.id == "a" else d for d in documents]

    index.rebuild(lambda done, total: None, renew)
    assert searched(index, "renewed") == ["a"]
    assert searched(index, "old") == ["b"]
    assert statuses(index.write([document("a", version=1), document("a", version=2)])) == ["stale", "written"]


def test_index_rebuild_whose_reader_breaks_changes_nothing(index: Index) -> None:
    index.write(CORPUS)
    index.refresh()

    def renew(documents: Sequence[Document]) -> list[Document]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.rebuild(lambda done, total: None, renew)
    assert len(index.generations()) == 1
    assert index.get([d.id for d in CORPUS]) == list(CORPUS)
    assert statuses(index.write([document("late")])) == ["written"]
