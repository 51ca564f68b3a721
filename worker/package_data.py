"""The files that ship inside the packages: word tables, models, mappings and scripts."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read_text(package: str, *path: str) -> str:
    """Return the text of a file of a package."""
    return files(package).joinpath(*path).read_text("utf-8")


def read_table(package: str, *path: str) -> dict[str, Any]:
    """Return a TOML table of a package."""
    return tomllib.loads(read_text(package, *path))
