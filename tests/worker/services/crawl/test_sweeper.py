"""Rows that Redis lost are queued again from the ledger."""

from __future__ import annotations

from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.worker.services.conftest import (
    Clock,
    Web,
    page,
    work_off,
)
from worker.model.records import Outcome, Row, State
from worker.services.context import AppContext
from worker.services.crawl.sweeper import sweep
from worker.services.intake.submit import add


def _row(context: AppContext, row: Row | None) -> Row:
    assert row
    found = context.ledger.get([row.id])[0]
    assert found
    return found


def test_rows_that_redis_lost_are_queued_again(context: AppContext, web: Web, clock: Clock) -> None:
    web["/s"] = page("Forgotten")
    (added,) = add(context, [web.url("/s")])
    context.redis.flushall()
    assert sweep(context) == 0, "not before its time"
    clock.forward(61)
    assert sweep(context) == 1
    work_off(context, clock)
    assert _row(context, added.row).outcome is Outcome.INDEXED


def test_rows_under_way_are_unchanged(context: AppContext, web: Web, clock: Clock) -> None:
    add(context, [web.url("/s")])
    clock.forward(61)
    assert sweep(context) == 0


def test_a_row_that_never_finishes_fails(context: AppContext, web: Web, clock: Clock) -> None:
    (added,) = add(context, [web.url("/s")])
    for _ in range(context.settings.sweep_attempts + 1):
        context.redis.flushall()
        clock.forward(61)
        sweep(context)
    row = _row(context, added.row)
    assert (row.outcome, row.reason) == (Outcome.FAILED, "never-finished")


def test_urls_are_accepted_while_the_broker_is_away(context: AppContext, web: Web, monkeypatch: object) -> None:
    class Away:
        def push(self, jobs: object) -> None:
            raise RedisConnectionError("nobody there")

    frontier = context.frontier
    object.__setattr__(context, "frontier", Away())
    (added,) = add(context, [web.url("/s")])
    object.__setattr__(context, "frontier", frontier)
    assert _row(context, added.row).state is State.QUEUED
    assert isinstance(context.redis, Redis)


def _lose_the_last_row(context: AppContext, web: Web, clock: Clock, waiting: int) -> Row:
    """Add rows, then one that the frontier loses. Move the clock until all are swept. Return the lost row."""
    add(context, [web.url(f"/{n}") for n in range(waiting)])
    clock.forward(1)
    (lost,) = add(context, [web.url("/lost")])
    assert lost.row
    context.frontier.remove(lost.row.host, lost.row.id)
    clock.forward(61)
    return lost.row


def test_rows_under_way_do_not_hide_lost_ones(context: AppContext, web: Web, clock: Clock, monkeypatch: Any) -> None:
    monkeypatch.setattr("worker.services.crawl.sweeper.BATCH", 10)
    lost = _lose_the_last_row(context, web, clock, 35)
    assert sweep(context) == 1
    assert context.frontier.contains(lost.host, lost.id)


def test_a_sweep_that_ran_out_of_time_continues_later(
    context: AppContext, web: Web, clock: Clock, monkeypatch: Any
) -> None:
    monkeypatch.setattr("worker.services.crawl.sweeper.BATCH", 10)
    monkeypatch.setattr("worker.services.crawl.sweeper.MAX_S", 1e-9)
    lost = _lose_the_last_row(context, web, clock, 25)
    monkeypatch.setattr("worker.services.crawl.sweeper.MAX_S", 0.02)
    for _ in range(10):
        sweep(context)
    assert context.frontier.contains(lost.host, lost.id)
