"""Allocation and replicas of new indices, as set in the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.pages.corpus import document
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.storage.elasticsearch import managed_index
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect
from worker.storage.elasticsearch.document_store import ElasticDocumentStore
from worker.storage.elasticsearch.ledger import ElasticLedger

With = Callable[..., Settings]


@pytest.fixture
def having(elastic_settings: Settings) -> With:
    """Return a function that returns the settings of this test with changes."""
    return lambda **more: Settings.model_validate({**elastic_settings.model_dump(), **more})


def set_up(settings: Settings) -> ElasticIndex:
    """Set up all stores, as a worker does. Return the index."""
    client = connect(settings)
    index = ElasticIndex(client, settings)
    for part in (ElasticLedger(client, settings), ElasticDocumentStore(client, settings), index):
        part.setup()
    return index


def found(settings: Settings, *path: str) -> dict[str, Any]:
    """Return a setting of each index, by the end of its name."""
    with connect(settings) as client:
        answers = client.indices.get_settings(index=f"{settings.index_prefix}-*").body
    values = {}
    for name, answer in answers.items():
        value: Any = answer["settings"]["index"]
        for word in path:
            value = value.get(word, {})
        values[name.removeprefix(settings.index_prefix)] = value
    return values


def test_every_index_is_allocated_by_the_settings(having: With) -> None:
    wanted = {"include._tier_preference": "data_hot,data_content", "exclude.rack": "r1", "total_shards_per_node": "5"}
    settings = having(index_allocation=wanted)
    index = set_up(settings)
    index.write([document("a")])
    assert index.rebuild(lambda done, total: None).documents == 1
    there = {
        "include": {"_tier_preference": "data_hot,data_content"},
        "exclude": {"rack": "r1"},
        "total_shards_per_node": "5",
    }
    names = ("-articles-v1", "-articles-v2", "-ledger-v1", "-catalog-v1")
    assert found(settings, "routing", "allocation") == dict.fromkeys(names, there)


def test_replicas_follow_the_number_of_nodes(having: With) -> None:
    settings = having(index_replicas="0-1")
    index = set_up(settings)
    assert index.rebuild(lambda done, total: None).documents == 0
    assert set(found(settings, "auto_expand_replicas").values()) == {"0-1"}
    assert set(found(settings, "number_of_replicas").values()) == {"0"}  # there is one node


def test_an_index_that_no_node_accepts_is_reported_with_advice(having: With, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has advice, and following it repairs the index without any loss."""
    monkeypatch.setattr(managed_index, "PATIENCE_S", 1)
    settings = having(index_allocation={"require.rack": "nowhere"})
    with pytest.raises(Unavailable, match=r"No node of the cluster takes .*PUT .*-ledger-v1/_settings"):
        set_up(settings)
    with connect(settings) as client:
        free = {"index.routing.allocation.require.rack": None}
        client.indices.put_settings(index=f"{settings.index_prefix}-ledger", settings=free)
    ledger = ElasticLedger(connect(settings), settings)
    ledger.setup()
    assert list(ledger.scan()) == []


def test_a_rebuild_onto_missing_nodes_leaves_nothing_behind(having: With, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managed_index, "PATIENCE_S", 1)
    set_up(having()).write([document("a")])
    elsewhere = having(index_allocation={"require.rack": "nowhere"})
    index = ElasticIndex(connect(elsewhere), elsewhere)
    with pytest.raises(Unavailable, match="No node of the cluster takes"):
        index.rebuild(lambda done, total: None)
    assert [(g.documents, g.is_current, g.note) for g in index.generations()] == [(0, True, "")]
    assert index.get(["a"]) == [document("a")]
    assert [w.status for w in index.write([document("b")])] == ["written"]


def test_an_unknown_tier_is_refused(having: With) -> None:
    with pytest.raises(BadInput, match=r"data_lukewarm.*COPYDESK_INDEX_ALLOCATION"):
        set_up(having(index_allocation={"include._tier_preference": "data_lukewarm"}))
