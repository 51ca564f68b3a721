"""Where the commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from api.presentation.highlight_markup import without_controls

WIDE = 100_000  # characters: of a table that no terminal shows


class _Printer(Console):
    """What it prints may come from a page, which must not speak to the terminal: escape sequences are Rich's alone.
    Nothing is cut; on a terminal long lines are folded, elsewhere they stay whole, so that programs find addresses."""

    def print(self, *objects: Any, **options: Any) -> None:
        if not self.is_terminal:
            options = {"crop": False, "soft_wrap": all(isinstance(o, str | Text) for o in objects)} | options
        super().print(*objects, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        if isinstance(renderable, Table):
            options = self._whole(renderable, options or self.options)
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(without_controls(segment.text), segment.style)

    def _whole(self, table: Table, options: ConsoleOptions) -> ConsoleOptions:
        for column in table.columns:
            column.overflow = "fold"
        return options if self.is_terminal else options.update(width=WIDE)

    def on_broken_pipe(self) -> None:
        """Where Rich would end with 1, the command line ends well: who reads has enough, as `head` has."""
        self.quiet = True
        raise BrokenPipeError


output = _Printer(highlight=False, emoji=False)
errors = _Printer(stderr=True, highlight=False, emoji=False)
_C1 = re.compile("[\x7f-\x9f]")  # which JSON would leave as they are


def print_json(value: Any) -> None:
    """As JSON, for programs; nothing is wrapped or coloured."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    output.print(_C1.sub(lambda c: f"\\u{ord(c.group()):04x}", text), markup=False, soft_wrap=True)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
