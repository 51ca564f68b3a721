"""`copydesk articles remove` and `unblock` change all named articles or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.conftest import Command
from worker import urls
from worker.config.settings import Settings
from worker.errors import Unavailable
from worker.model.records import Row
from worker.services.articles import takedown
from worker.services.context import AppContext
from worker.wiring import connect

HERE, THERE, NOWHERE = (f"https://news.example/{name}" for name in ("here", "there", "nowhere"))


def accept_two(folder: Path) -> tuple[AppContext, Row]:
    context = connect(Settings(data_dir=folder / "data"))
    rows = [a.row for a in context.ledger.admit([urls.target(HERE), urls.target(THERE)], context.now())]
    return context, rows[0]


def test_one_wrong_url_removes_nothing(copydesk: Command, tmp_path: Path) -> None:
    context, row = accept_two(tmp_path)
    ended = copydesk("articles", "remove", HERE, NOWHERE)
    assert (ended.code, ended.out, ended.explains(NOWHERE)) == (2, "", True)
    assert context.ledger.get([row.id]) == [row]


def test_one_wrong_url_unblocks_nothing(copydesk: Command, tmp_path: Path) -> None:
    context, row = accept_two(tmp_path)
    assert copydesk("articles", "remove", HERE, THERE, "--block").code == 0
    ended = copydesk("articles", "unblock", HERE, NOWHERE)
    assert (ended.code, ended.out, ended.explains(NOWHERE)) == (2, "", True)
    assert row.id in context.catalog.blocklist.blocked([row.id])
    assert copydesk("articles", "unblock", HERE, HERE, THERE).out.splitlines() == [HERE, THERE]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_removed_articles_are_reported_if_a_later_removal_fails(
    copydesk: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    accept_two(tmp_path)
    remove = takedown.remove

    def fail_for_there(context: AppContext, given: str, *, block: bool, why: str = "") -> takedown.Removal:
        if given == THERE:
            raise Unavailable("the index does not answer")
        return remove(context, given, block=block, why=why)

    monkeypatch.setattr(takedown, "remove", fail_for_there)
    ended = copydesk("articles", "remove", HERE, THERE, *form)
    assert (ended.code, ended.explains("does not answer")) == (1, True)
    assert HERE in ended.out and THERE not in ended.out
