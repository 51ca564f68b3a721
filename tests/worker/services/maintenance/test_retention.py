"""Retention on both backends: it deletes articles by age and by number, and records that in their rows."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from tests.support.both_stores import File, clock, context, file, on_sqlite, silent_broker
from tests.support.events import published_types
from tests.worker.services.conftest import Clock
from worker.errors import Unavailable
from worker.model.records import Outcome, Row
from worker.queues.event_stream import EventStream
from worker.services.articles.takedown import remove
from worker.services.context import AppContext
from worker.services.intake.submit import add
from worker.services.maintenance import retention
from worker.services.maintenance.audit import audit
from worker.services.maintenance.retention import retain
from worker.storage.ports import Ledger

__all__ = ["clock", "context", "file"]

DAY_S = 86_400


def _with(context: AppContext, **settings: float) -> AppContext:
    return replace(context, settings=context.settings.model_copy(update=settings))


def _file_daily(file: File, clock: Clock, count: int) -> list[Row]:
    """One article a day, the oldest first."""
    rows = []
    for n in range(count):
        rows.append(file(f"https://news.example/day/{n}", f"News of day {n}"))
        clock.forward(DAY_S)
    return rows


def _left(context: AppContext) -> list[str]:
    context.index.refresh()
    return sorted(context.index.ids())


@on_sqlite
def test_nothing_expires_by_default(context: AppContext, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 2)
    clock.forward(10_000 * DAY_S)
    assert retain(context) == 0
    assert _left(context) == sorted(r.id for r in rows)


def test_retention_deletes_by_age(context: AppContext, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 5)
    assert retain(_with(context, retention_days=2.5)) == 3
    assert _left(context) == sorted(r.id for r in rows[3:])
    (expired,) = context.ledger.get([rows[0].id])
    assert expired
    assert (expired.outcome, expired.reason, expired.article_id) == (Outcome.REJECTED, "expired", None)
    assert published_types(context).count("article.gone") == 3
    assert retain(_with(context, retention_days=2.5)) == 0
    assert audit(context).is_clean


def test_retention_by_number_deletes_those_first_seen(context: AppContext, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 5)
    assert retain(_with(context, retention_max_articles=2)) == 3
    assert _left(context) == sorted(r.id for r in rows[3:])
    assert audit(context).is_clean


def test_retention_deletes_in_batches(
    context: AppContext, file: File, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    _file_daily(file, clock, 5)
    assert retain(_with(context, retention_days=0.5)) == 5
    assert _left(context) == []
    assert audit(context).is_clean


@on_sqlite
def test_an_expired_article_does_not_return_by_itself(context: AppContext, file: File, clock: Clock) -> None:
    (row,) = _file_daily(file, clock, 1)
    retain(_with(context, retention_days=0.5))
    assert add(context, [row.url])[0].verdict == "known"


@on_sqlite
def test_retention_does_not_change_a_takedown(context: AppContext, file: File, clock: Clock) -> None:
    (row,) = _file_daily(file, clock, 1)
    remove(context, row.url, block=True)
    assert retain(_with(context, retention_days=0.5)) == 0
    (after,) = context.ledger.get([row.id])
    assert after
    assert after.reason == "taken-down"


def test_the_next_run_finishes_after_a_crash_half_way(context: AppContext, file: File, clock: Clock) -> None:
    """A crash can leave one state behind: the documents are deleted and their rows are not updated yet."""
    rows = _file_daily(file, clock, 2)
    context.index.delete([rows[0].id])
    assert not audit(context).is_clean
    retain(_with(context, retention_days=0.5))
    assert audit(context).is_clean


class _Killed(BaseException):
    """A sudden end of the process, like kill -9."""


class _KilledAfterRetiring:
    def __init__(self, context: AppContext) -> None:
        self._ledger = context.ledger

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    def tombstone(self, *args: Any, **more: Any) -> list[bool]:
        self._ledger.tombstone(*args, **more)
        raise _Killed


def test_no_crash_leaves_a_document_without_its_row(context: AppContext, file: File, clock: Clock) -> None:
    _file_daily(file, clock, 2)
    ledger: Ledger = _KilledAfterRetiring(context)  # type: ignore[assignment]
    with pytest.raises(_Killed):
        retain(replace(_with(context, retention_days=0.5), ledger=ledger))
    assert _left(context) == []
    assert audit(context).is_clean


@on_sqlite
def test_without_a_broker_nothing_expires(context: AppContext, file: File, clock: Clock) -> None:
    rows = _file_daily(file, clock, 1)
    settings, redis = _with(context, retention_days=0.5), silent_broker()
    silent = replace(settings, redis=redis, events=EventStream(redis, context.settings))
    with pytest.raises(Unavailable, match="Retention postponed"):
        retain(silent)
    assert _left(context) == [rows[0].id]


def test_the_audit_is_clean_while_articles_expire(
    context: AppContext, file: File, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    _file_daily(file, clock, 6)
    worker = threading.Thread(target=retain, args=(_with(context, retention_days=0.5),))
    worker.start()
    while worker.is_alive():
        assert audit(context).problems == []
    worker.join()
    assert _left(context) == []
