"""A Redis that has no memory left, as digestion finds it: what waits there must still come out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desk.conftest import Clock, Web, page
from worker.desk.adding import add
from worker.desk.auditing import audit
from worker.desk.digesting import digest
from worker.desk.events import STREAM
from worker.desk.parts import Desk
from worker.desk.turn import host_turn
from worker.errors import Unavailable


@pytest.fixture
def full(desk: Desk, web: Web) -> Iterator[Desk]:
    """Three pages wait; nothing that needs memory is taken any more."""
    for n in range(3):
        web[f"/{n}"] = page(f"Story {n}")
    add(desk, [web.url(f"/{n}") for n in range(3)])
    host_turn(desk, web.origin, lambda: None)
    desk.redis.config_set("maxmemory", 1)
    yield desk
    desk.redis.config_set("maxmemory", 0)


def test_digestion_empties_it(full: Desk, clock: Clock) -> None:
    with pytest.raises(Unavailable):  # the counters are refused, once the rows are settled
        digest(full)
    clock.forward(10)
    assert digest(full) == 3
    assert full.spool.depths() == {"waiting": 0, "leased": 0, "bytes": 0}
    types = [fields[b"type"] for _, fields in full.redis.xrange(STREAM)]
    assert (types, full.index.count(), audit(full).problems) == ([b"article.indexed"] * 3, 3, [])
