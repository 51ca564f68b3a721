"""Tests that the documentation is complete: it names each command, option and endpoint, and no other."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from api.cli.app import app as command_line
from tests.support.paths import PROJECT

DOCS = PROJECT / "docs"
PAGES = [*DOCS.glob("**/*.md"), *PROJECT.glob("*.md")]


def _load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _load_generator()
COMMANDS: dict[str, Any] = dict(GENERATOR.commands(typer.main.get_command(command_line)))
ROWS = {
    found.group(1): line
    for line in (DOCS / "commands.md").read_text("utf-8").splitlines()
    if (found := re.match(r"\| `(copydesk [a-z -]*[a-z])", line))
}


def test_commands_page_lists_every_command_and_no_other() -> None:
    assert sorted(ROWS) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_commands_page_lists_every_option_and_no_other(name: str) -> None:
    options = {
        option
        for parameter in COMMANDS[name].params
        if parameter.param_type_name == "option"
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    assert set(re.findall(r"--[a-z-]+", ROWS[name])) == options


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command_has_a_help_text(name: str) -> None:
    assert COMMANDS[name].help


def test_api_page_lists_every_endpoint_and_no_other() -> None:
    text = (DOCS / "http-api.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `([A-Z]+) (/[^` ]*)` \|", text, re.MULTILINE))
    assert documented == {(method, path) for method, path, _ in GENERATOR.endpoints()}


def test_every_endpoint_has_a_summary() -> None:
    assert all(operation.get("summary") for _, _, operation in GENERATOR.endpoints())


@pytest.mark.slow
@pytest.mark.parametrize("script", ["generate.py", "update_reasons.py"])
def test_generated_pages_are_current(script: str) -> None:
    command = [sys.executable, str(DOCS / script), "--check"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_page_is_in_the_navigation() -> None:
    navigation = (PROJECT / "mkdocs.yml").read_text("utf-8")
    pages = {str(page.relative_to(DOCS)) for page in DOCS.glob("**/*.md")}
    assert {page for page in pages if f": {page}\n" not in navigation} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_existing_files(page: Path) -> None:
    for target in _relative_links(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def _relative_links(text: str) -> Iterator[str]:
    return (target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target)
