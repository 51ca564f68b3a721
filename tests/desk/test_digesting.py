"""Reading and filing what waits, and what goes wrong on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.desk.conftest import Clock, Ingest, Web, page
from worker.desk.adding import add
from worker.desk.digesting import digest
from worker.desk.parts import Desk
from worker.desk.turn import host_turn
from worker.errors import Unavailable
from worker.records import Outcome, Row, State
from worker.storing.ports import Written


class Over:
    """An index that is itself but for what a test writes anew."""

    def __init__(self, index: Any) -> None:
        self._index = index

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def _fetch(desk: Desk, web: Web, *paths: str) -> list[Row]:
    answers = add(desk, [web.url(path) for path in paths])
    host_turn(desk, web.origin, lambda: None)
    return [a.row for a in answers if a.row]


def _row(desk: Desk, row: Row) -> Row:
    found = desk.ledger.get([row.id])[0]
    assert found
    return found


def test_a_store_that_does_not_answer_loses_nothing(desk: Desk, web: Web, clock: Clock) -> None:
    web["/s"] = page("Patient")
    (row,) = _fetch(desk, web, "/s")

    class Dead(Over):
        def write(self, documents: Any) -> Any:
            raise Unavailable("no answer")

    with pytest.raises(Unavailable):
        digest(replace(desk, index=Dead(desk.index)))  # type: ignore[arg-type]
    assert _row(desk, row).state is State.QUEUED
    assert digest(desk) == 0, "not at once"
    clock.forward(10)
    assert digest(desk) == 1
    assert _row(desk, row).outcome is Outcome.INDEXED


def test_a_refused_document_fails_alone(desk: Desk, web: Web) -> None:
    web["/bad"], web["/good"] = page("Bad"), page("Good")
    bad, good = _fetch(desk, web, "/bad", "/good")
    index = desk.index

    class Choosy(Over):
        def write(self, documents: Any) -> list[Written]:
            kept = [d for d in documents if d.id != bad.id]
            return [Written(id=bad.id, status="refused", reason="mapping conflict"), *index.write(kept)]

    digest(replace(desk, index=Choosy(index)))  # type: ignore[arg-type]
    assert (_row(desk, bad).outcome, _row(desk, bad).reason) == (Outcome.FAILED, "index-refused")
    assert "mapping conflict" in str(_row(desk, bad).detail)
    assert _row(desk, good).outcome is Outcome.INDEXED


def test_a_page_that_breaks_the_reader_harms_nobody_else(desk: Desk, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    from worker import reading

    web["/bad"], web["/good"] = page("Bad"), page("Good")
    bad, good = _fetch(desk, web, "/bad", "/good")
    explain = reading.explain

    def fragile(body: bytes, url: str, **more: Any) -> Any:
        if url.endswith("/bad"):
            raise RuntimeError("oops")
        return explain(body, url, **more)

    monkeypatch.setattr(reading, "explain", fragile)
    digest(desk)
    assert (_row(desk, bad).outcome, _row(desk, bad).reason) == (Outcome.FAILED, "reader-error")
    assert _row(desk, good).outcome is Outcome.INDEXED


def test_a_page_that_kills_its_process_is_set_aside(
    desk: Desk, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies in mid-batch: here a BaseException that nothing on the way may catch stands for it."""
    from worker import reading

    class Killed(BaseException):
        pass

    web["/bad"], web["/good"] = page("Bad"), page("Good")
    bad, good = _fetch(desk, web, "/bad", "/good")
    explain = reading.explain

    def deadly(body: bytes, url: str, **more: Any) -> Any:
        if url.endswith("/bad"):
            raise Killed
        return explain(body, url, **more)

    monkeypatch.setattr(reading, "explain", deadly)
    for _ in range(10):
        try:
            digest(desk)
        except Killed:
            clock.forward(desk.settings.digest_lease_s + 1)
    assert (_row(desk, bad).outcome, _row(desk, bad).reason) == (Outcome.FAILED, "breaks-reader")
    assert _row(desk, good).outcome is Outcome.INDEXED


def test_a_late_repetition_changes_nothing(desk: Desk, web: Web, ingest: Ingest) -> None:
    web["/s"] = page("Once")
    row = ingest(web.url("/s"))
    document = desk.index.get([row.id])[0]
    assert document
    assert [w.status for w in desk.index.write([document])] == ["stale"]
    assert desk.index.get([row.id]) == [document]


@pytest.mark.parametrize(
    ("body", "reason"),
    [("", "unreadable"), ("%PDF-1.7 not a page", "unreadable")],
)
def test_what_cannot_be_read_is_rejected_with_the_reason(web: Web, ingest: Ingest, body: str, reason: str) -> None:
    web["/s"] = body
    row = ingest(web.url("/s"))
    assert (row.outcome, row.reason) == (Outcome.REJECTED, reason)
