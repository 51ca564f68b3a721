"""The documentation names every command, option and endpoint there is, and none that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import typer
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.cli.app import app as commands
from api.web.app import create_app
from tests.support.paths import PROJECT
from worker.config.settings import Settings
from worker.services.context import AppContext

DOCS = PROJECT / "docs"


def _commands(group: Any, prefix: str = "copydesk") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


COMMANDS = dict(_commands(typer.main.get_command(commands)))
ROWS = {
    found.group(1): line
    for line in (DOCS / "commands.md").read_text("utf-8").splitlines()
    if (found := re.match(r"\| `(copydesk [a-z -]*[a-z])", line))
}


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    assert sorted(ROWS) == sorted(COMMANDS)


def test_every_option_is_documented_and_every_documented_one_exists() -> None:
    for name, command in COMMANDS.items():
        options = {
            option
            for parameter in command.params
            if parameter.param_type_name == "option"
            for option in parameter.opts
            if option.startswith("--") and option != "--help"
        }
        assert set(re.findall(r"--[a-z-]+", ROWS[name])) == options, name


def test_every_command_says_what_it_does() -> None:
    assert all(command.help for command in COMMANDS.values())


class _NoDesk:
    settings = Settings.model_validate({"api_keys": "key-of-the-tests"})
    redis = keys = None


def _api() -> FastAPI:
    return create_app(cast(AppContext, _NoDesk()))


def test_every_endpoint_is_documented_and_every_documented_one_exists() -> None:
    text = (DOCS / "http-api.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `([A-Z]+) (/[^` ]*)` \|", text, re.MULTILINE))
    schema = _api().openapi()["paths"]
    assert documented == {(method.upper(), path) for path, methods in schema.items() for method in methods}


def test_every_endpoint_says_what_it_does() -> None:
    routes = [route for route in _api().routes if isinstance(route, APIRoute)]
    assert all(route.summary for route in routes)


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*DOCS.glob("*.md"), *PROJECT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
