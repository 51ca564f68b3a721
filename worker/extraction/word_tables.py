"""Access to the TOML tables in worker/extraction/tables. Every part of the reader gets its tables here.

A user's tables of the same names extend them (see `package_data`). Each table is read once per process.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from worker.package_data import read_table


@cache
def load(name: str) -> dict[str, Any]:
    """Return the table NAME.toml. Raises `BadInput` if the user's table is invalid."""
    return read_table("worker.extraction.tables", f"{name}.toml")


@cache
def words(name: str, kind: str) -> frozenset[str]:
    """Return one list of a table, casefolded."""
    return frozenset(w.casefold() for w in load(name)[kind])


@cache
def pattern(name: str, kind: str) -> re.Pattern[str]:
    """Return a pattern of the words in the list `signs.KIND` of a table. It ignores case and matches inside words."""
    return re.compile("|".join(map(re.escape, load(name)["signs"][kind])), re.I)
