"""Where the commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any

from rich.console import Console

output = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """As JSON, for programs; nothing is wrapped or coloured."""
    output.print(
        json.dumps(value, ensure_ascii=False, indent=2, default=_plain), markup=False, soft_wrap=True, emoji=False
    )


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
