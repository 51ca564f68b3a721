"""Tests of the shipped tables and of the user's tables that extend them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from worker.errors import BadInput
from worker.package_data import TABLE_PACKAGES, check_tables, config_folder, read_table


@pytest.fixture
def config_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty configuration folder that COPYDESK_CONFIG_DIR names."""
    (tmp_path / "tables").mkdir()
    monkeypatch.setenv("COPYDESK_CONFIG_DIR", str(tmp_path))
    return tmp_path


def test_read_table_without_user_table_returns_shipped_table(config_dir: Path) -> None:
    assert "non_article" in read_table("worker.discovery", "links.toml")


def test_user_table_appends_to_lists(config_dir: Path) -> None:
    shipped = read_table("worker.discovery", "links.toml")["non_article"]
    (config_dir / "tables" / "links.toml").write_text('non_article = ["cartoons"]\n')
    assert read_table("worker.discovery", "links.toml")["non_article"] == [*shipped, "cartoons"]


def test_user_table_merges_nested_tables_and_replaces_single_values(
    config_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.package_data.read_text", lambda *_: 'a.list = [1]\na.kept = "x"\na.number = 1\n')
    (config_dir / "tables" / "any.toml").write_text("a.list = [2]\na.number = 3.5\nb = true\n")
    assert read_table("worker", "any.toml") == {"a": {"list": [1, 2], "kept": "x", "number": 3.5}, "b": True}


def test_broken_user_table_names_file_and_line(config_dir: Path) -> None:
    path = config_dir / "tables" / "links.toml"
    path.write_text('\nnon_article = ["cartoons\n')
    with pytest.raises(BadInput, match="line 2") as caught:
        read_table("worker.discovery", "links.toml")
    assert str(path) in str(caught.value)


def test_user_value_of_another_type_names_file_and_key(config_dir: Path) -> None:
    (config_dir / "tables" / "links.toml").write_text('non_article = "cartoons"\n')
    with pytest.raises(BadInput, match=r"links\.toml: non_article must be a list, as in the shipped table"):
        check_tables(config_dir)


def test_unknown_user_table_is_reported_with_known_names(config_dir: Path) -> None:
    (config_dir / "tables" / "link.toml").write_text("")
    with pytest.raises(BadInput, match=r"Unknown table: .*link\.toml.*links\.toml"):
        check_tables(config_dir)


def test_check_tables_accepts_a_folder_without_tables(tmp_path: Path) -> None:
    check_tables(tmp_path)


@pytest.mark.parametrize("package", TABLE_PACKAGES)
def test_each_table_package_has_tables(package: str) -> None:
    assert any(item.name.endswith(".toml") for item in files(package).iterdir())


def test_config_folder_must_exist() -> None:
    with pytest.raises(BadInput, match="COPYDESK_CONFIG_DIR: the folder /nowhere does not exist"):
        config_folder({"COPYDESK_CONFIG_DIR": "/nowhere"})


def test_config_folder_defaults_to_config_with_a_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    assert config_folder({}) is None
    (tmp_path / "config" / "copydesk.toml").touch()
    assert config_folder({}) == Path("config")


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('en = ["a"]', "en must be a table, as the shipped keys beside it"),
        ("[promo]\nxx = 3", "promo.xx must be a list, as the shipped keys beside it"),
        ("[promo]\nen = [3]", "promo.en: 3 must be a string, as in the shipped list"),
    ],
)
def test_user_entry_of_another_kind_names_file_and_key(config_dir: Path, table: str, problem: str) -> None:
    path = config_dir / "tables" / "boilerplate_phrases.toml"
    path.write_text(table)
    with pytest.raises(BadInput) as caught:
        check_tables(config_dir)
    assert str(caught.value) == f"{path}: {problem}"
