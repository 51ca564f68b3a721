"""Concurrent deletions and rebuilds during a rebuild, and interrupted rebuilds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.pages.corpus import document
from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.records import Document
from worker.storage.elasticsearch import bulk, reindex
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect
from worker.storage.elasticsearch.managed_index import ManagedIndex


@pytest.fixture
def index(elastic_settings: Settings) -> ElasticIndex:
    index = ElasticIndex(connect(elastic_settings), elastic_settings)
    index.setup()
    index.write([document(f"d{n}", "Story", "as it was") for n in range(4)])
    index.refresh()
    return index


def body(index: ElasticIndex, id: str) -> str:
    found = index.get([id])[0]
    return found.article.article_body if found else "missing"


def test_dropping_the_index_that_a_rebuild_fills_ends_only_the_rebuild(
    index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise Elasticsearch would create it again with a guessed mapping, and searches would use that."""
    monkeypatch.setattr(bulk, "PATIENCE_S", 0.5)

    def drop(stood: Sequence[Document]) -> Sequence[Document]:
        (note,) = (g.note for g in index.generations() if not g.is_current)
        assert "rebuild is filling" in note
        assert len(index.drop()) == 1
        return stood

    with pytest.raises(Unavailable, match="takes no writes"):
        index.rebuild(lambda done, total: None, drop)
    assert [g.is_current for g in index.generations()] == [True]
    assert index.write([document("late")])[0].status == "written"
    assert index.rebuild(lambda done, total: None).documents == 5


def test_deletions_reach_the_index_that_a_rebuild_is_filling(index: ElasticIndex) -> None:
    """If the rebuild is killed, that index stays until it is dropped."""
    seen: list[set[int]] = []

    def delete(done: int, total: int) -> None:
        assert index.delete(["d0"]) == (0 if seen else 1)
        index.refresh()
        seen.append({g.documents for g in index.generations()})

    index.rebuild(delete)
    assert seen[0] == {3}
    assert {g.documents for g in index.generations()} == {3}


def test_an_interrupted_second_rebuild_loses_no_write_of_the_first(
    index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It unblocks the index that the first one has blocked."""
    compare = reindex._Copier.compare

    def broken_off(done: int, total: int) -> None:
        raise KeyboardInterrupt

    def meanwhile(copier: reindex._Copier) -> int:
        monkeypatch.undo()
        with pytest.raises(KeyboardInterrupt):
            index.rebuild(broken_off)
        index.write([document("d0", "Story", "as it is now", version=9)])
        return compare(copier)

    monkeypatch.setattr(reindex._Copier, "compare", meanwhile)
    with pytest.raises(Unavailable, match=r"[Aa]nother rebuild"):
        index.rebuild(lambda done, total: None)
    assert body(index, "d0") == "as it is now"
    index.rebuild(lambda done, total: None)
    assert body(index, "d0") == "as it is now"


def test_an_overtaken_rebuild_leaves_the_old_index_blocked(
    index: ElasticIndex, elastic_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = reindex._Copier.compare

    def meanwhile(copier: reindex._Copier) -> int:
        monkeypatch.undo()
        index.rebuild(lambda done, total: None)
        return compare(copier)

    monkeypatch.setattr(reindex._Copier, "compare", meanwhile)
    with pytest.raises(Exception, match=r"[Aa]nother rebuild"):
        index.rebuild(lambda done, total: None)
    with connect(elastic_settings) as client:
        found = ManagedIndex(client, elastic_settings, "articles", ("-read", "-write")).found()
    assert [g.is_blocked for g in found] == [True, False]
    assert index.write([document("late")])[0].status == "written"
