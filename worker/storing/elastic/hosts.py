"""Hosts in a query of Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from worker.storing.hosts import origins


def of_hosts(names: Iterable[str]) -> dict[str, Any]:
    """That the host is an origin that is meant by one of these names."""
    meant = origins(names)
    exact = {"terms": {"host": list(meant.exact)}}
    if not meant.beginnings:
        return exact
    return {"bool": {"should": [exact, *({"prefix": {"host": b}} for b in meant.beginnings)]}}
