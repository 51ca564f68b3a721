"""copydesk searches …, in this process, on a store of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.webhook_receiver import Receiver
from worker.config.settings import Settings
from worker.errors import BadInput, CopydeskError
from worker.wiring import set_up_stores

Run = Callable[..., Result]


@pytest.fixture
def run(valkey: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    with valkey.client() as client:
        client.flushall()
    monkeypatch.setenv("COPYDESK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COPYDESK_REDIS_URL", valkey.url)
    monkeypatch.setenv("COPYDESK_WEBHOOK_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("COLUMNS", "200")
    set_up_stores(Settings(data_dir=tmp_path))
    return lambda *words: CliRunner().invoke(app, ["searches", *words])


def test_a_word_is_left_out_as_in_a_search(run: Run) -> None:
    made = run("add", "Floods", "flood", "-football", "--json")
    assert (made.exit_code, json.loads(made.stdout)["q"]) == (0, "flood -football"), made.output


def test_a_search_from_creation_to_removal(run: Run, receiver: Receiver) -> None:
    assert "There are no saved searches" in run("list").stdout
    made = run("add", "Floods", "flood -football", "--filter", "lang=en", "--webhook", receiver.url)
    assert made.exit_code == 0, made.output
    id, secret = made.stdout.split()
    assert secret.startswith("whsec_")

    (listed,) = json.loads(run("list", "--json").stdout)
    assert (listed["id"], listed["q"], listed["filters"]) == (id, "flood -football", {"lang": ["en"]})
    assert listed == json.loads(run("show", id, "--json").stdout)
    everything = run("list").output + run("show", id).output + run("list", "--json").output
    assert secret.removeprefix("whsec_") not in everything
    assert "Floods" in everything

    assert "204" in run("test", id).stdout
    receiver.answers = [500]
    failed = run("test", id).exception
    assert isinstance(failed, CopydeskError)
    assert "500" in str(failed)

    assert run("pause", id).exit_code == 0
    assert "paused" in run("list").stdout
    assert run("resume", id).exit_code == 0
    assert run("remove", id).exit_code == 0
    assert json.loads(run("list", "--json").stdout) == []


@pytest.mark.parametrize("words", [("show", "x"), ("pause", "x"), ("resume", "x"), ("remove", "x"), ("test", "x")])
def test_an_unknown_search_is_named(run: Run, words: tuple[str, ...]) -> None:
    assert "searches list" in str(run(*words).exception)


def test_wrong_input_is_refused(run: Run) -> None:
    for words in (("--webhook", "http://10.0.0.1/"), ("--filter", "shoes=red"), ("--since", "soon")):
        assert isinstance(run("add", "x", "flood", *words).exception, BadInput)
    assert json.loads(run("list", "--json").stdout) == []
