"""Settings: the file of defaults, the environment, secrets in files, and what a wrong value says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from worker.errors import BadInput
from worker.settings import CONFIG, Settings, load

FILE = CONFIG / "copydesk.toml"


def test_the_file_holds_every_setting_with_its_default() -> None:
    text = FILE.read_text("utf-8")
    lines = re.findall(r"^(?:# )?([a-z_]+) = .+$", text, re.MULTILINE)
    assert sorted(lines) == sorted(Settings.model_fields)
    assert Settings.model_validate(tomllib.loads(text)) == Settings()


def test_every_line_of_the_file_says_what_it_means() -> None:
    lines = [line for line in FILE.read_text("utf-8").splitlines() if re.match(r"(# )?[a-z_]+ = ", line)]
    assert all(re.search(r"\S +# \w", line.removeprefix("# ")) for line in lines), lines


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('api_port = 1111\nlog_level = "debug"\n')
    settings = load({"COPYDESK_CONFIG": str(file), "COPYDESK_API_PORT": "2222"})
    assert (settings.api_port, settings.log_level) == (2222, "debug")


def test_lists_are_words() -> None:
    settings = load({"COPYDESK_FETCH_ALLOW_PRIVATE": "127.0.0.0/8, fd00::/8", "COPYDESK_FETCH_ALLOW_PORTS": "80 8080"})
    assert settings.fetch_allow_private == ("127.0.0.0/8", "fd00::/8")
    assert settings.fetch_allow_ports == (80, 8080)


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    settings = load({"COPYDESK_INDEX_PASSWORD_FILE": str(tmp_path / "password")})
    assert settings.index_password is not None
    assert settings.index_password.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("API_PORT", "70000", "less than or equal to 65535"),
        ("API_PORT", "many", "valid integer"),
        ("FETCH_ALLOW_PRIVATE", "localnet", "not a network such as 127.0.0.0/8"),
        ("INDEX_URL", "ftp://somewhere", "sqlite:///path"),
        ("LOG_FORMAT", "xml", "text|json"),
        ("NO_SUCH_THING", "1", "no such setting"),
        ("INDEX_PASSWORD_FILE", "/nowhere/at/all", "cannot read the secret"),
        ("CONFIG", "/nowhere.toml", "no file"),
    ],
)
def test_a_wrong_value_names_the_key_and_what_is_allowed(variable: str, value: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load({f"COPYDESK_{variable}": value})
    assert f"COPYDESK_{variable}" in str(caught.value)
    assert said in str(caught.value)


def test_a_wrong_secret_is_not_printed() -> None:
    with pytest.raises(BadInput) as caught:
        load({"COPYDESK_REDIS_URL": "http://user:hush@host"})
    assert "hush" not in str(caught.value)
