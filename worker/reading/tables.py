"""The tables of config/, each read once a process: what users extend without touching code."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_CONFIG = Path(__file__).resolve().parents[2] / "config"


@cache
def load(name: str) -> dict[str, Any]:
    """config/NAME.toml as it stands. Raises `OSError` or `tomllib.TOMLDecodeError` where an installation is broken."""
    return tomllib.loads((_CONFIG / f"{name}.toml").read_text("utf8"))


@cache
def words(name: str, kind: str) -> frozenset[str]:
    """One list of a table, casefolded."""
    return frozenset(w.casefold() for w in load(name)[kind])
