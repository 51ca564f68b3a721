"""A Redis that has no memory left, as digestion finds it: what waits there must still come out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.worker.services.conftest import Clock, Web, page
from worker.errors import Unavailable
from worker.services.context import AppContext
from worker.services.crawl.host_visit import visit_host
from worker.services.digest.digest import digest
from worker.services.intake.submit import add
from worker.services.maintenance.audit import audit


@pytest.fixture
def full(context: AppContext, web: Web) -> Iterator[AppContext]:
    """Three pages wait; nothing that needs memory is taken any more."""
    for n in range(3):
        web[f"/{n}"] = page(f"Story {n}")
    add(context, [web.url(f"/{n}") for n in range(3)])
    visit_host(context, web.origin, lambda: None)
    context.redis.config_set("maxmemory", 1)
    yield context
    context.redis.config_set("maxmemory", 0)


def test_digestion_empties_it(full: AppContext, clock: Clock) -> None:
    with pytest.raises(Unavailable):  # the counters are refused, once the rows are finished
        digest(full)
    clock.forward(10)
    assert digest(full) == 3
    assert full.spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
    types = [fields[b"type"] for _, fields in full.redis.xrange(full.events.key)]
    assert (types, full.index.count(), audit(full).problems) == ([b"article.indexed"] * 3, 3, [])
