"""`copydesk kibana import` against a fake of Kibana's import endpoint. No real Kibana runs here."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.kibana.client import Kibana, saved_objects
from tests.support.paths import PROJECT
from tests.support.servers.fake_kibana import FakeKibana, serve_kibana
from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable

FILE = PROJECT / "api" / "kibana" / "copydesk.ndjson"


@pytest.fixture
def kibana() -> Iterator[FakeKibana]:
    with serve_kibana(FakeKibana()) as fake:
        yield fake


def _client(kibana: FakeKibana, *, space: str = "", **settings: str) -> Kibana:
    return Kibana(settings=Settings.model_validate({"kibana_url": kibana.url} | settings), space=space)


def test_second_import_replaces_the_objects_of_the_first(kibana: FakeKibana) -> None:
    objects = saved_objects("copydesk")
    for _ in range(2):
        assert _client(kibana).import_objects(objects) == len(objects.splitlines())
    assert len(kibana.objects) == len(objects.splitlines())


def test_command_imports_a_file_into_a_space(kibana: FakeKibana) -> None:
    command = ["kibana", "import", "--url", kibana.url, "--space", "newsroom", "--file", str(FILE)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.exception
    assert f"{len(kibana.objects)} objects imported into {kibana.url}" in result.output
    assert ("dashboard", "copydesk-newsroom") in kibana.objects


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"kibana_api_key": "abc=="}, "ApiKey abc=="),
        ({"kibana_username": "jürgen", "kibana_password": "pa:ss"}, "jürgen:pa:ss"),
    ],
)
def test_credentials_are_sent(kibana: FakeKibana, credentials: dict[str, str], header: str) -> None:
    basic = f"Basic {base64.b64encode(header.encode()).decode()}"
    kibana.authorization = header if header.startswith("ApiKey") else basic
    assert _client(kibana, **credentials).import_objects("") == 0
    with pytest.raises(BadInput, match=r"401: unable to authenticate user.*COPYDESK_KIBANA_API_KEY"):
        _client(kibana).import_objects("")


def test_starting_kibana_is_unavailable(kibana: FakeKibana) -> None:
    kibana.is_starting = True
    with pytest.raises(Unavailable, match=r"not ready.*Try again"):
        _client(kibana).import_objects("")


def test_unknown_space_is_named(kibana: FakeKibana) -> None:
    with pytest.raises(BadInput, match=r"/s/nowhere/api.*--space"):
        _client(kibana, space="nowhere").import_objects("")


def test_another_server_at_the_url_is_reported(kibana: FakeKibana) -> None:
    kibana.fixed_response = "<html>It works!</html>"
    with pytest.raises(BadInput, match="is not Kibana"):
        _client(kibana).import_objects("")


def test_no_server_at_the_url_is_reported() -> None:
    settings = Settings.model_validate({"kibana_url": "http://127.0.0.1:9"})
    with pytest.raises(Unavailable, match=r"does not answer at http://127.0.0.1:9: connection refused. Is it running"):
        Kibana(settings=settings).import_objects("")


def test_rejected_object_is_named(kibana: FakeKibana) -> None:
    lines = FILE.read_text("utf-8").splitlines(keepends=True)
    without_views = "".join(line for line in lines if '"index-pattern","id"' not in line[:40])
    with pytest.raises(BadInput) as raised:
        _client(kibana).import_objects(without_views)
    problem = "search copydesk-newsroom-captions: refers to missing objects: index-pattern copydesk-articles"
    assert problem in str(raised.value)


def test_url_without_a_scheme_is_rejected() -> None:
    result = CliRunner().invoke(app, ["kibana", "import", "--url", "localhost:5601"])
    assert isinstance(result.exception, BadInput)
    assert "--url" in str(result.exception)


def test_missing_file_is_reported(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["kibana", "import", "--file", str(tmp_path / "none.ndjson")])
    assert "Cannot read" in str(result.exception)
