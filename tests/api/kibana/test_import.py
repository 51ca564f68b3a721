"""`copydesk kibana import` against a small fake of Kibana's endpoint; no real Kibana runs here."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.cli.commands.kibana import saved_objects
from api.kibana.client import Kibana
from tests.support.fake_kibana import FakeKibana, serving
from tests.support.paths import PROJECT
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable

FILE = PROJECT / "api" / "kibana" / "copydesk.ndjson"


@pytest.fixture
def kibana() -> Iterator[FakeKibana]:
    with serving(FakeKibana()) as fake:
        yield fake


def _settings(kibana: FakeKibana, **more: str) -> Settings:
    return Settings.model_validate({"kibana_url": kibana.url} | more)


def test_it_imports_everything_and_again_over_itself(kibana: FakeKibana) -> None:
    everything = saved_objects(Settings())
    for _ in range(2):
        assert Kibana(settings=_settings(kibana)).import_objects(everything) == len(everything.splitlines())
    assert len(kibana.objects) == len(everything.splitlines())


def test_the_command_imports_the_file_into_a_space(kibana: FakeKibana) -> None:
    command = ["kibana", "import", "--url", kibana.url, "--space", "desk", "--file", str(FILE)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.exception
    assert f"{len(kibana.objects)} objects imported into {kibana.url}" in done.output
    assert ("dashboard", "copydesk-newsroom") in kibana.objects


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"kibana_api_key": "abc=="}, "ApiKey abc=="),
        ({"kibana_username": "jürgen", "kibana_password": "pa:ss"}, "jürgen:pa:ss"),
    ],
)
def test_it_says_who_we_are(kibana: FakeKibana, credentials: dict[str, str], header: str) -> None:
    basic = f"Basic {base64.b64encode(header.encode()).decode()}"
    kibana.authorization = header if header.startswith("ApiKey") else basic
    assert Kibana(settings=_settings(kibana, **credentials)).import_objects("") == 0
    with pytest.raises(BadInput, match=r"401: unable to authenticate user.*COPYDESK_KIBANA_API_KEY"):
        Kibana(settings=_settings(kibana)).import_objects("")


def test_a_kibana_that_is_starting_is_waited_for_by_the_caller(kibana: FakeKibana) -> None:
    kibana.is_starting = True
    with pytest.raises(Unavailable, match=r"not ready.*try again"):
        Kibana(settings=_settings(kibana)).import_objects("")


def test_a_space_that_does_not_exist_is_named(kibana: FakeKibana) -> None:
    with pytest.raises(BadInput, match=r"/s/nowhere/api.*--space"):
        Kibana(settings=_settings(kibana), space="nowhere").import_objects("")


def test_something_else_at_the_address_is_not_taken_for_kibana(kibana: FakeKibana) -> None:
    kibana.says = "<html>It works!</html>"
    with pytest.raises(BadInput, match="not as Kibana does"):
        Kibana(settings=_settings(kibana)).import_objects("")


def test_nobody_at_the_address() -> None:
    settings = Settings.model_validate({"kibana_url": "http://127.0.0.1:9"})
    with pytest.raises(Unavailable, match=r"does not answer at http://127.0.0.1:9: connection refused; is it up"):
        Kibana(settings=settings).import_objects("")


def test_an_object_that_is_refused_is_named(kibana: FakeKibana) -> None:
    without_views = "".join(
        line for line in FILE.read_text("utf-8").splitlines(True) if '"index-pattern","id"' not in line[:40]
    )
    with pytest.raises(BadInput) as caught:
        Kibana(settings=_settings(kibana)).import_objects(without_views)
    assert "search copydesk-newsroom-captions: refers to what is missing: index-pattern copydesk-articles" in str(
        caught.value
    )


def test_a_wrong_url_is_a_wrong_setting() -> None:
    done = CliRunner().invoke(app, ["kibana", "import", "--url", "localhost:5601"])
    assert isinstance(done.exception, BadInput)
    assert "--url" in str(done.exception)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["kibana", "import", "--file", str(tmp_path / "none.ndjson")])
    assert "cannot read" in str(done.exception)
