"""Articles taken down by command: all that are named, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from worker import urls
from worker.desk import removing
from worker.desk.parts import Desk
from worker.errors import Unavailable
from worker.records import Row
from worker.settings import Settings
from worker.wiring import connect

HERE, THERE, NOWHERE = (f"https://news.example/{name}" for name in ("here", "there", "nowhere"))


def accepted(folder: Path) -> tuple[Desk, Row]:
    desk = connect(Settings(data_dir=folder / "data"))
    rows = [a.row for a in desk.ledger.admit([urls.target(HERE), urls.target(THERE)], desk.now())]
    return desk, rows[0]


def test_a_mistake_among_addresses_removes_none(copydesk: Command, tmp_path: Path) -> None:
    desk, row = accepted(tmp_path)
    ended = copydesk("articles", "remove", HERE, NOWHERE)
    assert (ended.code, ended.out, ended.explains(NOWHERE)) == (2, "", True)
    assert desk.ledger.get([row.id]) == [row]


def test_a_mistake_among_addresses_unblocks_none(copydesk: Command, tmp_path: Path) -> None:
    desk, row = accepted(tmp_path)
    assert copydesk("articles", "remove", HERE, THERE, "--block").code == 0
    ended = copydesk("articles", "unblock", HERE, NOWHERE)
    assert (ended.code, ended.out, ended.explains(NOWHERE)) == (2, "", True)
    assert row.id in desk.catalog.blocklist.blocked([row.id])
    assert copydesk("articles", "unblock", HERE, HERE, THERE).out.splitlines() == [HERE, THERE]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_was_removed_is_reported_though_the_rest_fails(
    copydesk: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    accepted(tmp_path)
    remove = removing.remove

    def fails_there(desk: Desk, given: str, *, block: bool, why: str = "") -> removing.Removal:
        if given == THERE:
            raise Unavailable("the index has gone away")
        return remove(desk, given, block=block, why=why)

    monkeypatch.setattr(removing, "remove", fails_there)
    ended = copydesk("articles", "remove", HERE, THERE, *form)
    assert (ended.code, ended.explains("gone away")) == (1, True)
    assert HERE in ended.out and THERE not in ended.out
