"""Retention on both backends: what is too old or too much goes with its row's knowledge, the rest stays."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.conftest import Clock
from tests.operations.conftest import File, on_sqlite, silent_broker
from worker.desk import retaining
from worker.desk.adding import add
from worker.desk.auditing import audit
from worker.desk.events import STREAM
from worker.desk.parts import Desk
from worker.desk.removing import remove
from worker.desk.retaining import retain
from worker.errors import Unavailable
from worker.records import Outcome, Row
from worker.storing.ports import Ledger

DAY_S = 86_400


def _with(desk: Desk, **settings: float) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update=settings))


def _file_daily(file: File, clock: Clock, count: int) -> list[Row]:
    """One article a day, the oldest first."""
    rows = []
    for n in range(count):
        rows.append(file(f"https://news.example/day/{n}", f"News of day {n}"))
        clock.forward(DAY_S)
    return rows


def _left(desk: Desk) -> list[str]:
    desk.index.refresh()
    return sorted(desk.index.ids())


@on_sqlite
def test_nothing_expires_by_default(desk: Desk, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 2)
    clock.forward(10_000 * DAY_S)
    assert retain(desk) == 0
    assert _left(desk) == sorted(r.id for r in rows)


def test_by_age(desk: Desk, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 5)
    assert retain(_with(desk, retention_days=2.5)) == 3
    assert _left(desk) == sorted(r.id for r in rows[3:])
    (expired,) = desk.ledger.get([rows[0].id])
    assert expired
    assert (expired.outcome, expired.reason, expired.article_id) == (Outcome.REJECTED, "expired", None)
    types = [fields[b"type"] for _, fields in desk.redis.xrange(STREAM)]
    assert types.count(b"article.gone") == 3
    assert retain(_with(desk, retention_days=2.5)) == 0
    assert audit(desk).is_clean


def test_by_number_those_that_came_first_go(desk: Desk, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 5)
    assert retain(_with(desk, retention_max_articles=2)) == 3
    assert _left(desk) == sorted(r.id for r in rows[3:])
    assert audit(desk).is_clean


def test_it_goes_in_small_batches(desk: Desk, file: File, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retaining, "BATCH", 2)
    _file_daily(file, clock, 5)
    assert retain(_with(desk, retention_days=0.5)) == 5
    assert _left(desk) == []
    assert audit(desk).is_clean


@on_sqlite
def test_what_expired_does_not_come_in_again_by_itself(desk: Desk, file: File, clock: Clock) -> None:
    (row,) = _file_daily(file, clock, 1)
    retain(_with(desk, retention_days=0.5))
    assert add(desk, [row.url])[0].verdict == "known"


@on_sqlite
def test_a_takedown_stays_a_takedown(desk: Desk, file: File, clock: Clock) -> None:
    (row,) = _file_daily(file, clock, 1)
    remove(desk, row.url, block=True)
    assert retain(_with(desk, retention_days=0.5)) == 0
    (after,) = desk.ledger.get([row.id])
    assert after
    assert after.reason == "taken-down"


def test_a_crash_half_way_is_finished_by_the_next_round(desk: Desk, file: File, clock: Clock) -> None:
    """The documents are gone and their rows do not know it yet: the one state that a crash can leave behind."""
    rows = _file_daily(file, clock, 2)
    desk.index.delete([rows[0].id])
    assert not audit(desk).is_clean
    retain(_with(desk, retention_days=0.5))
    assert audit(desk).is_clean


class _Killed(BaseException):
    """What kill -9 is to a process."""


class _KilledAfterRetiring:
    def __init__(self, desk: Desk) -> None:
        self._ledger = desk.ledger

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    def retire(self, *args: Any, **more: Any) -> list[bool]:
        self._ledger.retire(*args, **more)
        raise _Killed


def test_no_crash_leaves_a_document_without_its_row(desk: Desk, file: File, clock: Clock) -> None:
    _file_daily(file, clock, 2)
    ledger: Ledger = _KilledAfterRetiring(desk)  # type: ignore[assignment]
    with pytest.raises(_Killed):
        retain(replace(_with(desk, retention_days=0.5), ledger=ledger))
    assert _left(desk) == []
    assert audit(desk).is_clean


@on_sqlite
def test_without_a_broker_nothing_expires(desk: Desk, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 1)
    silent = replace(_with(desk, retention_days=0.5), redis=silent_broker())
    with pytest.raises(Unavailable, match="nothing expires"):
        retain(silent)
    assert _left(desk) == [rows[0].id]


def test_the_audit_is_clean_while_articles_expire(
    desk: Desk, file: File, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "BATCH", 1)
    _file_daily(file, clock, 6)
    worker = threading.Thread(target=retain, args=(_with(desk, retention_days=0.5),))
    worker.start()
    while worker.is_alive():
        assert audit(desk).problems == []
    worker.join()
    assert _left(desk) == []
