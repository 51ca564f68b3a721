"""What others may do while a rebuild goes on, and what one that was killed leaves behind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.corpus import document
from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.records import Document
from worker.storage.elasticsearch import bulk, reindex
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect
from worker.storage.elasticsearch.index_generations import Generations


@pytest.fixture
def index(elastic_settings: Settings) -> ElasticIndex:
    index = ElasticIndex(connect(elastic_settings), elastic_settings)
    index.setup()
    index.write([document(f"d{n}", "Story", "as it was") for n in range(4)])
    index.refresh()
    return index


def stands(index: ElasticIndex, id: str) -> str:
    found = index.get([id])[0]
    return found.article.article_body if found else "nowhere"


def test_an_index_that_is_dropped_while_it_is_filled_ends_the_rebuild_alone(
    index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elasticsearch would make it anew with a mapping by guesswork, and searches would move to that."""
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


def test_what_is_deleted_leaves_an_index_that_a_rebuild_is_filling(index: ElasticIndex) -> None:
    """Should the rebuild be killed, that index stays until somebody drops it."""
    seen: list[set[int]] = []

    def delete(done: int, total: int) -> None:
        assert index.delete(["d0"]) == (0 if seen else 1)
        index.refresh()
        seen.append({g.documents for g in index.generations()})

    index.rebuild(delete)
    assert seen[0] == {3}
    assert {g.documents for g in index.generations()} == {3}


def test_a_second_rebuild_that_breaks_off_costs_the_first_no_write(
    index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens the index that the first has closed to writes."""
    compare = reindex._Copy.compare

    def broken_off(done: int, total: int) -> None:
        raise KeyboardInterrupt

    def meanwhile(copy: reindex._Copy) -> int:
        monkeypatch.undo()
        with pytest.raises(KeyboardInterrupt):
            index.rebuild(broken_off)
        index.write([document("d0", "Story", "as it is now", version=9)])
        return compare(copy)

    monkeypatch.setattr(reindex._Copy, "compare", meanwhile)
    with pytest.raises(Unavailable, match="another rebuild"):
        index.rebuild(lambda done, total: None)
    assert stands(index, "d0") == "as it is now"
    index.rebuild(lambda done, total: None)
    assert stands(index, "d0") == "as it is now"


def test_a_rebuild_that_another_has_overtaken_leaves_the_old_index_closed(
    index: ElasticIndex, elastic_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = reindex._Copy.compare

    def meanwhile(copy: reindex._Copy) -> int:
        monkeypatch.undo()
        index.rebuild(lambda done, total: None)
        return compare(copy)

    monkeypatch.setattr(reindex._Copy, "compare", meanwhile)
    with pytest.raises(Exception, match="another rebuild"):
        index.rebuild(lambda done, total: None)
    with connect(elastic_settings) as client:
        found = Generations(client, elastic_settings).found()
    assert [g.is_blocked for g in found] == [True, False]
    assert index.write([document("late")])[0].status == "written"
