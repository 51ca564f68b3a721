"""`copydesk doctor` names every problem and runs the checks that do not depend on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.conftest import Command
from worker.config.settings import Settings

WRONG_SETTINGS = [
    ("CONFIG", "/nowhere/copydesk.toml"),
    ("REDIS_URL", "redis://h:notaport"),
    ("RECRAWL_AFTER_S", "nan,-5"),
    ("INDEX_URL", "http://["),
    ("FETCH_DELAY_S", "inf"),
    ("FETCH_DELAY", "1"),
    ("SOURCE_SCHEDULE", "hourly"),
    ("INDEX_PASSWORD_FILE", "/nowhere/password"),
]


@pytest.mark.parametrize(("key", "value"), WRONG_SETTINGS, ids=[key for key, _ in WRONG_SETTINGS])
def test_wrong_setting_is_named_and_the_other_checks_run(copydesk: Command, key: str, value: str) -> None:
    ended = copydesk("doctor", **{f"COPYDESK_{key}": value})
    assert ended.code == 2
    assert f"fail COPYDESK_{key}" in ended.out
    assert "ok   Python" in ended.out
    assert "GiB free" in ended.out
    assert "user agent" in ended.out


@pytest.mark.parametrize(
    ("toml", "message"),
    [("fetch_delay_s = ", "not valid TOML"), ("fetch_delai_s = 1", "fetch_delai_s"), ('api_port = "x"', "api_port")],
    ids=["syntax", "unknown key", "wrong type"],
)
def test_wrong_settings_file_is_named(copydesk: Command, tmp_path: Path, toml: str, message: str) -> None:
    (tmp_path / "wrong.toml").write_text(toml)
    ended = copydesk("doctor", COPYDESK_CONFIG=str(tmp_path / "wrong.toml"))
    assert ended.code == 2
    assert message in ended.out and str(tmp_path / "wrong.toml") in ended.out
    assert "GiB free" in ended.out


def test_several_problems_are_all_named(copydesk: Command) -> None:
    settings = {"COPYDESK_FETCH_DELAY_S": "abc", "COPYDESK_API_PORT": "-1", "COPYDESK_INDEX_URL": "http://127.0.0.1:9"}
    ended = copydesk("doctor", **settings)
    assert ended.code == 2
    assert "fail COPYDESK_FETCH_DELAY_S" in ended.out
    assert "fail COPYDESK_API_PORT" in ended.out
    assert "fail Elasticsearch does not answer" in ended.out


def test_wrong_settings_do_not_replace_the_valid_ones(copydesk: Command, tmp_path: Path) -> None:
    ended = copydesk("doctor", COPYDESK_FETCH_DELAY_S="abc")
    assert f"GiB free in {tmp_path / 'data'}" in ended.out


def test_broken_store_is_named(copydesk: Command, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "copydesk.db").write_bytes(b"not a database " * 1000)
    ended = copydesk("doctor", COPYDESK_DATA_DIR=str(tmp_path / "broken"))
    assert ended.code == 1
    assert "copydesk.db" in ended.out and "Traceback" not in ended.err


def test_elasticsearch_without_indices_is_a_warning(copydesk: Command, elastic_settings: Settings) -> None:
    where = {"COPYDESK_INDEX_URL": elastic_settings.store_url, "COPYDESK_INDEX_PREFIX": elastic_settings.index_prefix}
    ended = copydesk("doctor", **where)
    assert "warn The alias" in ended.out and "copydesk index setup" in ended.out
    assert "that the service runs" not in ended.out


def test_contradictory_settings_are_named(copydesk: Command) -> None:
    settings = {
        "COPYDESK_INDEX_URL": "http://127.0.0.1:9",
        "COPYDESK_INDEX_API_KEY": "x",
        "COPYDESK_INDEX_USERNAME": "y",
    }
    ended = copydesk("doctor", **settings)
    assert ended.code == 1
    assert "COPYDESK_INDEX_API_KEY" in ended.out


@pytest.mark.parametrize("words", ["--help", "--version", "search --help", "doctor --help"])
def test_help_and_version_need_no_settings(process: Command, words: str) -> None:
    wrong = {"COPYDESK_CONFIG": "/nowhere/copydesk.toml", "COPYDESK_FETCH_DELAY_S": "abc"}
    ended = process(*words.split(), **wrong)
    assert (ended.code, ended.err) == (0, ""), ended
    assert ended.out


def test_doctor_of_a_process_names_a_wrong_setting(process: Command) -> None:
    ended = process("doctor", COPYDESK_FETCH_DELAY_S="abc")
    assert ended.code == 2
    assert "fail COPYDESK_FETCH_DELAY_S" in ended.out and "Traceback" not in ended.err
