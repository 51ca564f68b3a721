"""Hosts in a condition of SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from worker.storing.hosts import origins


def of_hosts(column: str, names: Iterable[str]) -> tuple[str, list[Any]]:
    """That a column holds an origin that is meant by one of these names, and the parameters of that."""
    meant = origins(names)
    parameters = [json.dumps(meant.exact)]
    condition = f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608
    if not meant.beginnings:
        return condition, parameters
    # Nothing but a port is cut off.
    begun = f"rtrim({column}, '0123456789') IN (SELECT value FROM json_each(?))"  # noqa: S608
    return f"({condition} OR {begun})", [*parameters, json.dumps(meant.beginnings)]
