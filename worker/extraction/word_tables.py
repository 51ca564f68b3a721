"""The tables of config/, each read once a process: what users extend without touching code."""

from __future__ import annotations

from functools import cache
from typing import Any

from worker.package_data import read_table


@cache
def load(name: str) -> dict[str, Any]:
    """config/NAME.toml as it stands. Raises `OSError` or `tomllib.TOMLDecodeError` where an installation is broken."""
    return read_table("worker.extraction.tables", f"{name}.toml")


@cache
def words(name: str, kind: str) -> frozenset[str]:
    """One list of a table, casefolded."""
    return frozenset(w.casefold() for w in load(name)[kind])
