"""The saved searches of the catalog, on SQLite and on Elasticsearch."""

from __future__ import annotations

from dataclasses import replace

from tests.worker.storage.catalog.conftest import LATER, NOW
from worker.model.catalog import SavedSearch
from worker.model.query import Query
from worker.storage.catalog import Catalog


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
