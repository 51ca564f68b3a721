"""Take a row's own document out of the index because its article lives at another address now."""

from __future__ import annotations

from collections.abc import Sequence

from worker.desk.events import Event, publish
from worker.desk.parts import Desk
from worker.desk.revising import erase
from worker.records import Row


def withdraw(desk: Desk, rows: Sequence[Row]) -> None:
    """Rows without a document of their own are passed over. Who listens is told first, so that no crash can make it a
    secret."""
    own = [r.id for r in rows if r.article_id == r.id]
    if own:
        publish(desk.redis, [Event.of(d, "article.gone") for d in desk.index.get(own) if d])
        erase(desk, own)
