"""What Redis lost comes back from the ledger."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.desk.conftest import Clock, Web, page, work_off
from worker.desk.adding import add
from worker.desk.parts import Desk
from worker.desk.sweeping import sweep
from worker.records import Outcome, Row, State


def _row(desk: Desk, row: Row | None) -> Row:
    assert row
    found = desk.ledger.get([row.id])[0]
    assert found
    return found


def test_what_redis_forgot_is_queued_again(desk: Desk, web: Web, clock: Clock) -> None:
    web["/s"] = page("Forgotten")
    (added,) = add(desk, [web.url("/s")])
    desk.redis.flushall()
    assert sweep(desk) == 0, "not before its time"
    clock.forward(61)
    assert sweep(desk) == 1
    work_off(desk, clock)
    assert _row(desk, added.row).outcome is Outcome.INDEXED


def test_what_is_under_way_is_left_alone(desk: Desk, web: Web, clock: Clock) -> None:
    add(desk, [web.url("/s")])
    clock.forward(61)
    assert sweep(desk) == 0


def test_what_never_finishes_is_given_up(desk: Desk, web: Web, clock: Clock) -> None:
    (added,) = add(desk, [web.url("/s")])
    for _ in range(desk.settings.sweep_attempts + 1):
        desk.redis.flushall()
        clock.forward(61)
        sweep(desk)
    row = _row(desk, added.row)
    assert (row.outcome, row.reason) == (Outcome.FAILED, "never-finished")


def test_urls_are_accepted_while_the_broker_is_away(desk: Desk, web: Web, monkeypatch: object) -> None:
    class Away:
        def push(self, jobs: object) -> None:
            raise RedisConnectionError("nobody there")

    frontier = desk.frontier
    object.__setattr__(desk, "frontier", Away())
    (added,) = add(desk, [web.url("/s")])
    object.__setattr__(desk, "frontier", frontier)
    assert _row(desk, added.row).state is State.QUEUED
    assert isinstance(desk.redis, Redis)
