"""What Redis lost comes back from the ledger."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.worker.services.conftest import Clock, Web, page, work_off
from worker.model.records import Outcome, Row, State
from worker.services.context import AppContext
from worker.services.crawl.sweeper import sweep
from worker.services.intake.submit import add


def _row(context: AppContext, row: Row | None) -> Row:
    assert row
    found = context.ledger.get([row.id])[0]
    assert found
    return found


def test_what_redis_forgot_is_queued_again(context: AppContext, web: Web, clock: Clock) -> None:
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


def test_what_never_finishes_is_given_up(context: AppContext, web: Web, clock: Clock) -> None:
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
